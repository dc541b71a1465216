"""gunicorn's configuration: one gthread worker, everything else from the settings (design.md section 6).

Read by `plex-mcp serve`, or directly: `gunicorn -c python:plex_mcp.gunicorn_conf plex_mcp.wsgi:app`.
"""

import gc
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import structlog

from plex_mcp.settings import Settings, unknown_names
from plex_mcp.telemetry import logs
from plex_mcp.telemetry.sink import BatchingStream

_started_at = time.monotonic()
_settings = Settings.from_env(os.environ)
logs.configure(_settings.log_level, _settings.secrets())
log = structlog.get_logger(__name__)

bind = _settings.bind
workers = 1  # state is in Redis: scale by replicas, and never share ten Plex connections between processes
worker_class = "plex_mcp.web.worker.PatientThreadWorker"  # gthread against slow clients
worker_connections = 600  # below the usual 1024 files; when all are taken, idle ones make room
logger_class = "plex_mcp.telemetry.logs.GunicornLogger"
loglevel = _settings.log_level.lower()
forwarded_allow_ips = ""  # who may set X-Forwarded-Proto is TRUSTED_PROXIES' business
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


def on_starting(_server: Any) -> None:
    """Say what is in force, and what looks wrong."""
    log.info("settings.loaded", **_settings.effective())
    for warning in unknown_names(os.environ):
        log.warning("settings.name_unknown", warning=warning)
    if not _settings.plex_verify_tls:
        log.warning("tls.verification_off", warning="PLEX_VERIFY_TLS=false: whoever is in between can read the token.")


def pre_fork(_server: Any, _worker: Any) -> None:
    """Leave what is there out of garbage collection, which would write to every page of it: 2.3 MiB stay shared."""
    gc.collect()
    gc.freeze()


def post_fork(_server: Any, _worker: Any) -> None:
    """Log from a thread; keep to one CPU when asked: the GIL ping-pong between cores doubles the cost of a call."""
    gc.disable()  # until the application is loaded: what it makes stays, and looking through it is 8 % of the start
    logs.configure(_settings.log_level, _settings.secrets(), stream=BatchingStream(sys.stderr))
    if _settings.pin_cpu and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {random.choice(sorted(os.sched_getaffinity(0)))})  # noqa: S311 - no secret in it


def post_worker_init(_worker: Any) -> None:
    """The application is loaded: connections are accepted from here on."""
    gc.collect()
    gc.enable()
    gc.freeze()  # 60,000 objects that stay: a full collection costs 1 ms instead of 40
    if (application := sys.modules.get("plex_mcp.wsgi")) is not None:
        # Not before: the collection holds up whoever asks Redis meanwhile, at 0.2 CPU for longer than REDIS_TIMEOUT.
        application.executor.start()
    log.info("server.serving", startup_s=round(time.monotonic() - _started_at, 2))


def worker_exit(_server: Any, _worker: Any) -> None:
    """After the last answer: end what runs in the background. The interpreter waits for every load in the queues that
    refreshes a copy for nobody, while the pod's grace period runs out.
    """
    application = sys.modules.get("plex_mcp.wsgi")  # not in the master, nor in a worker that could not load it
    if application is not None:
        application.executor.close()
