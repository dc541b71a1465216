"""What gunicorn is told to do, each in a process of its own: the module configures logging when it is imported."""

from __future__ import annotations

import subprocess
import sys

ENVIRON = {
    "PLEX_SERVER_URL": "http://127.0.0.1:9",
    "PLEX_TOKEN": "a-plex-token",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "AUTH_TOKEN": "a-test-token-of-good-length",
}


def run(code: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRON, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def test_a_worker_that_has_answered_lets_go_of_what_runs_in_the_background() -> None:
    """Else the interpreter waits for loads that nobody waits for any more, inside the pod's grace period."""
    assert run(
        "from plex_mcp import gunicorn_conf\n"
        "from plex_mcp.wsgi import executor\n"
        "gunicorn_conf.worker_exit(None, None)\n"
        "print(executor._refreshers.submit(print), executor.monitor._stopped)\n"
    ) == ["False", "True"]


def test_a_worker_that_never_loaded_the_application_and_the_master_have_nothing_to_end() -> None:
    assert run(
        "import sys\n"
        "from plex_mcp import gunicorn_conf\n"
        "gunicorn_conf.worker_exit(None, None)\n"
        "print('plex_mcp.wsgi' in sys.modules)\n"
    ) == ["False"]


def test_nothing_asks_plex_or_redis_before_the_application_is_loaded_and_collected() -> None:
    """At a fifth of a core that collection holds the interpreter for longer than Redis may take to answer."""
    assert run(
        "import gc\n"
        "from plex_mcp import gunicorn_conf\n"
        "from plex_mcp.wsgi import executor\n"
        "begun = []\n"
        "executor.start = lambda: begun.append(gc.get_freeze_count() > 0)\n"
        "print(len(begun))\n"
        "gunicorn_conf.post_worker_init(None)\n"
        "print(begun)\n"
    ) == ["0", "[True]"]
