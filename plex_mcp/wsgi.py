"""gunicorn's entry point: imported in the worker, after the fork."""

import os

from plex_mcp.app import build

app, executor = build(os.environ)
executor.start()
