"""What kustomize makes of the manifests, and small ways to look into it."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

Object = dict[str, Any]
MANIFESTS = Path(__file__).parents[2] / "manifests"
OVERLAYS = tuple(sorted(folder.name for folder in (MANIFESTS / "overlays").iterdir() if folder.is_dir()))
ALL_TOGETHER = "all components but external-redis"


def kubectl() -> str:
    """The machine's kubectl, or the one that the test requirements install."""
    found = shutil.which("kubectl") or shutil.which("kubectl", path=str(Path(sys.executable).parent))
    if not found:
        pytest.skip("kubectl is missing: it comes with requirements-test.txt, on Linux", allow_module_level=True)
    return found


@functools.cache
def render(overlay: str) -> str:
    """The YAML of an overlay."""
    return build(MANIFESTS / "overlays" / overlay)


def build(folder: Path) -> str:
    done = subprocess.run([kubectl(), "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(overlay: str) -> list[Object]:
    """The objects of an overlay, fresh ones each time."""
    return list(yaml.safe_load_all(render(overlay)))


def of_kind(found: list[Object], kind: str) -> list[Object]:
    return [one for one in found if one["kind"] == kind]


def named(found: list[Object], kind: str, name: str) -> Object:
    [one] = [one for one in of_kind(found, kind) if one["metadata"]["name"] == name]
    return one


def pods(found: list[Object]) -> Iterator[tuple[str, Object]]:
    """Name and pod template of each workload."""
    for one in of_kind(found, "Deployment"):
        yield one["metadata"]["name"], one["spec"]["template"]


def selects(selector: Object, labels: dict[str, str]) -> bool:
    wanted = selector.get("matchLabels", selector)
    return bool(wanted) and wanted.items() <= labels.items()


def amount(text: str) -> float:
    """A quantity of Kubernetes as a number: 100Mi, 200m, 48mb (Redis's)."""
    units = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "kb": 2**10, "mb": 2**20, "gb": 2**30, "m": 1e-3}
    for unit, factor in units.items():
        if str(text).endswith(unit):
            return float(str(text).removesuffix(unit)) * factor
    return float(text)
