"""The worker with less patience, so that tests need not wait."""

from plex_mcp.telemetry.logs import configure
from plex_mcp.web.worker import PatientThreadWorker


class QuickWorker(PatientThreadWorker):
    request_timeout_s = 1.5
    held_limit_bytes = 1024 * 1024

    def init_process(self):
        configure("DEBUG", text=False)
        super().init_process()
