"""The environment that ships: the pins with their hashes, and the package as it is now, not editable; nothing of tests.

The test environment holds more (rich, for one, which structlog takes up where it is), and an editable install of the
tree. Whoever sets BENCH_PYTHON has an interpreter of their own, which then runs the tree.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from tests.serving import ROOT

_SHIPPED = ("plex_mcp", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


@cache
def interpreter() -> tuple[str, dict[str, str], Path]:
    """The interpreter that runs plex-mcp, settings that it needs, and where to run it."""
    if chosen := os.environ.get("BENCH_PYTHON"):
        return chosen, {}, ROOT
    folder = ROOT / ".cache" / "bench" / "plex-mcp"
    python, done = folder / "bin" / "python", folder / "installed"
    pins = ROOT / "requirements.txt"
    wanted = f"{sys.version} {hashlib.sha256(pins.read_bytes()).hexdigest()}"
    if not done.exists() or done.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
        _pip(python, "--require-hashes", "-r", str(pins))
        done.write_text(wanted)
    with tempfile.TemporaryDirectory() as tree:  # a copy: what an old build/ still holds would be shipped too
        for name in _SHIPPED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(tree) / name)
        _pip(python, "--force-reinstall", tree)
    away = {"PYTHONPATH": "", "PYTHONWARNINGS": ""}  # neither the tree nor the tests' rule that a warning is an error
    return str(python), away, folder


def where() -> str:
    """The package that is measured, as its interpreter finds it; relative to the tree."""
    python, settings, folder = interpreter()
    shown = subprocess.run(
        [python, "-c", "import plex_mcp; print(plex_mcp.__file__)"],
        env={"PATH": os.environ["PATH"], **settings},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    found = Path(shown.stdout.strip()).resolve()
    assert "BENCH_PYTHON" in os.environ or found.is_relative_to(folder.resolve()), f"not what was installed: {found}"
    return str(found.relative_to(ROOT)) if found.is_relative_to(ROOT) else str(found)


def _pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
