"""Build the image and run it as the manifests say: limits, user, read-only root; and watch its memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from plex_mcp.quickstart.redis import free_port
from tests.image import bases
from tests.manifests.rendered import named, objects
from tests.manifests.test_settings_of_the_pod import SECRETS, environment
from tests.serving import ROOT, Serving

IMAGE = "localhost/plex-mcp:image-test"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plex-mcp-ci" / "bases"
_START_TIMEOUT_S = 120
_CERTIFICATES = Path("/etc/ssl/certs")
# Without CAP_SYS_RESOURCE, as inside another container, podman cannot raise the limits that it sets by default.
_ULIMITS = ("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096")


def podman(*arguments: str) -> str:
    done = subprocess.run(["podman", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def obstacle() -> str:
    """Why no image can be built and run here; empty when one can."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [command for command in ("podman", "runc", "mmdebstrap") if not shutil.which(command)]
    if missing:
        return f"{' and '.join(missing)} missing"
    if _Cgroup.version() == 0 or not os.access(
        f"{_Cgroup.ROOT}/memory" if _Cgroup.version() == 1 else _Cgroup.ROOT, os.W_OK
    ):
        return "no writable cgroup controller for memory"
    if subprocess.run(["podman", "info"], capture_output=True, check=False).returncode:
        return "podman does not work"
    return ""


def build() -> str:
    """Build the image on bases of Debian packages; the run base's name. The machine's certificates are only mounted."""
    build_base, run_base = bases.make(CACHE)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as pip:
        pip.write(f"[global]\ncert = {_CERTIFICATES}/ca-certificates.crt\n")
        pip.flush()
        Path(pip.name).chmod(0o644)
        mounts = [f"--volume={_CERTIFICATES}:{_CERTIFICATES}:ro", f"--volume={pip.name}:/etc/pip.conf:ro"]
        arguments = [f"--build-arg=BUILD_BASE={build_base}", f"--build-arg=RUN_BASE={run_base}", f"--tag={IMAGE}"]
        podman("build", "--isolation=chroot", "--network=host", *mounts, *arguments, str(ROOT))
    return run_base


class _Cgroup:
    """The memory figures of a process's control group; both versions."""

    ROOT = "/sys/fs/cgroup"

    def __init__(self, pid: int) -> None:
        lines = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="ascii").splitlines()]
        if self.version() == 1:
            [path] = [path for _, controllers, path in lines if "memory" in controllers.split(",")]
            self._folder = Path(f"{self.ROOT}/memory{path}")
            self._names = ("memory.max_usage_in_bytes", "memory.oom_control", "total_rss ")
        else:
            self._folder = Path(f"{self.ROOT}{lines[-1][2]}")
            self._names = ("memory.peak", "memory.events", "anon ")

    @classmethod
    def version(cls) -> int:
        if Path(f"{cls.ROOT}/memory").is_dir():
            return 1
        return 2 if Path(f"{cls.ROOT}/cgroup.controllers").is_file() else 0

    def read(self) -> tuple[int, int, int]:
        """Peak in bytes (with reclaimable page cache), out-of-memory kills, bytes that belong to processes now."""
        peak, events, own = self._names
        return int((self._folder / peak).read_text()), self._field(events, "oom_kill "), self._field("memory.stat", own)

    def _field(self, file: str, name: str) -> int:
        lines = (self._folder / file).read_text(encoding="ascii").splitlines()
        return next(int(line.removeprefix(name)) for line in lines if line.startswith(name))


@dataclass
class Container(Serving):
    """A running container. The figures grow until it ends: they are sampled, for its control group ends with it."""

    name: str = ""
    pid: int = 0
    first_answer_s: float = 0.0
    peak_bytes: int = 0
    peak_own_bytes: int = 0
    oom_kills: int = 0

    def watch(self) -> None:
        group = _Cgroup(self.pid)
        try:
            while True:
                peak, self.oom_kills, own = group.read()
                self.peak_bytes, self.peak_own_bytes = max(self.peak_bytes, peak), max(self.peak_own_bytes, own)
                time.sleep(0.02)
        except (OSError, StopIteration, ValueError):
            pass  # it has ended

    def inspect(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(podman("container", "inspect", self.name))[0]
        return found


def _flags(folder: Path) -> list[str]:
    """The Deployment's limits and restrictions, in podman's words."""
    spec = named(objects("home"), "Deployment", "plex-mcp")["spec"]["template"]["spec"]
    [container] = spec["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    limits, user = container["resources"]["limits"], spec["securityContext"]["runAsUser"]
    memory = limits["memory"].replace("Mi", "m")
    flags = [f"--memory={memory}", f"--memory-swap={memory}", f"--cpus={int(limits['cpu'].removesuffix('m')) / 1000}"]
    flags += ["--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges"]
    flags += [
        f"--user={user}:{user}",
        "--pids-limit=200",
        "--network=host",
        f"--volume={folder}:{folder}:ro",
        *_ULIMITS,
    ]
    return [*flags, *_group_flags()]


def _group_flags() -> list[str]:
    """Stay inside our own control group, which may be all that we can write to (version 1)."""
    return [f"--cgroup-parent={_own_group()}"] if _Cgroup.version() == 1 else []


def _own_group() -> str:
    lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()]
    [path] = [path for _, controllers, path in lines if "memory" in controllers.split(",")]
    return f"{path.rstrip('/')}/plex-mcp-image-test"


def tidy() -> None:
    """Remove the control groups that podman leaves behind, and the layers of images that were built before."""
    if _Cgroup.version() == 1:
        for group in Path(_Cgroup.ROOT).glob(f"*{_own_group()}"):
            for folder in (*sorted(group.rglob("*/"), reverse=True), group):
                with suppress(OSError):
                    folder.rmdir()
    podman("image", "prune", "--force")


def fails_at_once() -> subprocess.CompletedProcess[str]:
    """Run the image without any setting."""
    command = ["podman", "--runtime=runc", "run", "--rm", "--network=none", *_ULIMITS, *_group_flags(), IMAGE]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@contextmanager
def running(**settings: str) -> Iterator[Container]:
    """Run the image with the ConfigMap's settings, the Secret mounted as files, and these instead where they differ."""
    folder = Path(tempfile.mkdtemp(prefix="plex-mcp-image-"))
    folder.chmod(0o755)
    environ = environment(objects("home"), folder)
    for name in SECRETS.keys() & settings.keys():
        (folder / name).write_text(settings.pop(name), encoding="utf-8")
    environ |= {"BIND": f"127.0.0.1:{free_port()}"} | settings
    name = folder.name
    given = [f"--env={key}={value}" for key, value in environ.items()]
    command = ["podman", "--runtime=runc", "run", "--rm=false", f"--name={name}", *_flags(folder), *given, IMAGE]
    log = folder / "log"
    with log.open("wb") as output:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)  # podman leaves notes in it
    container = Container(f"http://{environ['BIND']}", process, log, (folder / "AUTH_TOKEN").read_text(), name=name)
    container.session.trust_env = False
    watcher = threading.Thread(target=container.watch)
    try:
        _wait(container, began, watcher)
        yield container
    finally:
        container.session.close()
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=60)
        if watcher.is_alive():
            watcher.join(timeout=10)
        podman("rm", "--force", name)
        shutil.rmtree(folder)


def _wait(container: Container, began: float, watcher: threading.Thread) -> None:
    while not container.first_answer_s:
        assert container.process.poll() is None, container.log()
        assert time.monotonic() < began + _START_TIMEOUT_S, container.log()
        if not container.pid:
            found = subprocess.run(
                ["podman", "container", "inspect", "--format={{.State.Pid}}", container.name],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            container.pid = int(found.stdout.strip() or 0) if found.returncode == 0 else 0
            if container.pid:
                watcher.start()
        try:
            if container.session.get(f"{container.url}/health/startup", timeout=30).status_code == 200:
                container.first_answer_s = time.monotonic() - began
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
    assert container.pid
