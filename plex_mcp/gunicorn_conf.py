"""gunicorn's configuration: one gthread worker, everything else from the settings (design.md section 6).

Read by `plex-mcp serve`, or directly: `gunicorn -c python:plex_mcp.gunicorn_conf plex_mcp.wsgi:app`.
"""

import os
import random
from pathlib import Path
from typing import Any

from plex_mcp.settings import Settings

_settings = Settings.from_env(os.environ)

bind = _settings.bind
workers = 1  # state is in Redis: scale by replicas, and never share ten Plex connections between processes
worker_class = "gthread"
threads = _settings.threads
preload_app = False  # threads and connections do not survive a fork, and un-sharing at the end costs 20 to 35 MiB
keepalive = 95  # ingresses keep idle connections for 90 s: ours must outlive theirs
graceful_timeout = 20
timeout = 60
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - the heartbeat file; a read-only root has no other place
control_socket_disable = True
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
accesslog = None  # one `tool.called` line a call says more


def post_fork(_server: Any, _worker: Any) -> None:
    """Keep the worker on one CPU when asked: the GIL ping-pong between cores doubles the cost of a call."""
    if _settings.pin_cpu and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {random.choice(sorted(os.sched_getaffinity(0)))})  # noqa: S311 - no secret in it
