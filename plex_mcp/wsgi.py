"""gunicorn's entry point: imported in the worker, after the fork. `gunicorn_conf` starts what runs beside it."""

import os

from plex_mcp.app import build

app, executor = build(os.environ)
