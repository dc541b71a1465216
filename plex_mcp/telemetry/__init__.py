"""Logs and metrics. A leaf: imports nothing of ours."""
