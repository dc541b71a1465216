"""What can be known of the image without building it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plex_mcp import __version__
from tests.serving import ROOT

CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
REQUIREMENTS = (ROOT / "requirements.txt").read_text(encoding="utf-8")


def test_the_two_bases_hold_the_same_python() -> None:
    build, run = re.findall(r"^ARG (?:BUILD|RUN)_BASE=(\S+)$", CONTAINERFILE, re.MULTILINE)
    assert build.endswith("python:3.11-slim-bookworm")  # Debian 12's C library
    assert run.endswith("distroless/python3-debian12:nonroot")  # Debian 12's Python is 3.11


def test_what_an_older_patch_release_needs_is_installed_by_a_newer_one() -> None:
    """pip judges markers by the Python that runs it: the build base's, which is newer than the run base's 3.11.2."""
    [(pattern, instead)] = re.findall(r"sed -i \"s/(.+?)/(.*?)/\" requirements\.txt", CONTAINERFILE)
    of_a_patch_release = re.compile(r"python_full_version \S+ '3\.11\.\d+'")
    assert of_a_patch_release.search(REQUIREMENTS)
    assert not of_a_patch_release.search(re.sub(pattern, instead, REQUIREMENTS))


def test_the_image_carries_this_version() -> None:
    assert f"\nARG VERSION={__version__}\n" in CONTAINERFILE


def test_the_linter_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if not hadolint:
        pytest.skip("hadolint is missing: it comes with requirements-test.txt, on Linux")
    done = subprocess.run([hadolint, str(ROOT / "Containerfile")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.timeout(300)
@pytest.mark.skipif(not os.environ.get("PLEX_MCP_IMAGE_TEST"), reason="asks the package index: `make image-test` does")
@pytest.mark.parametrize(("machine", "python"), [("aarch64", "3.11"), ("x86_64", "3.13")])
def test_every_requirement_has_a_wheel(machine: str, python: str, tmp_path: Path) -> None:
    """For the other architecture, and for a newer Python; x86-64 with 3.11 is what the image itself shows."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
    ]
    command += [f"--platform=manylinux2014_{machine}", f"--platform=manylinux_2_28_{machine}", "--implementation=cp"]
    command += [f"--python-version={python}", f"--requirement={ROOT / 'requirements.txt'}", f"--dest={tmp_path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
