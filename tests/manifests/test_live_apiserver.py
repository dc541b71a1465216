"""The manifests against a real API server: every object that it knows is accepted, deliberate errors are refused.

Runs when KUBECONFIG names an API server of its own, as .ci/run starts one; never against a cluster that has nodes:
that is a household's.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.manifests.rendered import OVERLAYS, Object, kubectl, named, objects

pytestmark = pytest.mark.skipif(
    not os.environ.get("KUBECONFIG"), reason="KUBECONFIG names no API server to try the manifests on"
)


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([kubectl(), *arguments], input=given, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def known_kinds() -> set[tuple[str, str]]:
    """What the server serves, as (apiVersion, kind), once it is sure that nothing runs there."""
    nodes = run("get", "nodes", "--output=name")
    assert nodes.returncode == 0, nodes.stderr
    if nodes.stdout.strip():
        pytest.skip("KUBECONFIG names a cluster with nodes: the tests apply to an empty API server only")
    found: set[tuple[str, str]] = set()
    for version in ["v1", *run("api-versions").stdout.split()]:
        path = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        answer = run("get", "--raw", path)
        found |= {(version, resource["kind"]) for resource in json.loads(answer.stdout)["resources"]}
    return found


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_server_accepts_every_object_that_it_knows(overlay: str, known_kinds: set[tuple[str, str]]) -> None:
    found = [one for one in objects(overlay) if (one["apiVersion"], one["kind"]) in known_kinds]
    assert {"Deployment", "Service", "NetworkPolicy", "ConfigMap", "Namespace"} <= {one["kind"] for one in found}
    applied = run("apply", "--filename=-", given=yaml.safe_dump_all(found))
    assert applied.returncode == 0, applied.stderr
    assert len(applied.stdout.strip().split("\n")) == len(found)
    kept = run("get", "deployment", "plex-mcp", "--namespace=media-services", "--output=json")
    replicas = named(found, "Deployment", "plex-mcp")["spec"]["replicas"]
    assert json.loads(kept.stdout)["spec"]["replicas"] == replicas


def _container(deployment: Object) -> Any:
    return deployment["spec"]["template"]["spec"]["containers"][0]


def _spec(deployment: Object) -> Any:
    return deployment["spec"]["template"]["spec"]


ERRORS: dict[str, tuple[Callable[[Object], Any], str]] = {
    "requests above limits": (
        lambda d: _container(d)["resources"]["requests"].update(memory="200Mi"),
        "must be less than or equal to memory limit",
    ),
    "a selector that misses its pods": (
        lambda d: d["spec"]["selector"]["matchLabels"].update({"app.kubernetes.io/name": "plex"}),
        "selector",
    ),
    "a volume that does not exist": (lambda d: _container(d)["volumeMounts"][0].update(name="tokens"), "Not found"),
    "a port that cannot be": (lambda d: _container(d)["ports"][0].update(containerPort=80000), "between 1 and 65535"),
    "a probe with two questions": (
        lambda d: _container(d)["livenessProbe"].update(exec={"command": ["true"]}),
        "more than 1 handler",
    ),
    "a probe that never fails": (
        lambda d: _container(d)["startupProbe"].update(failureThreshold=-1),
        "greater than or equal to 0",
    ),
    "a quantity that is none": (
        lambda d: _container(d)["resources"]["limits"].update(memory="100 MiB"),
        "quantities must match",
    ),
    "an unknown field": (lambda d: _spec(d).update(enableServiceLink=False), "unknown field"),
    "surge and unavailable both none": (
        lambda d: d["spec"].update(
            strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}
        ),
        "may not be 0",
    ),
    "a rolling update that recreates": (
        lambda d: d["spec"].update(strategy={"type": "Recreate", "rollingUpdate": {"maxSurge": 0}}),
        "may not be specified",
    ),
    "a policy of restarting that Deployments lack": (
        lambda d: _spec(d).update(restartPolicy="Never"),
        "Unsupported value",
    ),
    "two containers of one name": (lambda d: _spec(d)["containers"].append(_container(d)), "Duplicate value"),
    "privilege and no escalation": (
        lambda d: _container(d)["securityContext"].update(privileged=True),
        "cannot set `allowPrivilegeEscalation` to false",
    ),
}


@pytest.fixture(scope="module")
def _namespace(known_kinds: set[tuple[str, str]]) -> None:
    applied = run("apply", "--filename=-", given=yaml.safe_dump(named(objects("home"), "Namespace", "media-services")))
    assert applied.returncode == 0, applied.stderr


@pytest.mark.usefixtures("_namespace")
@pytest.mark.parametrize("error", ERRORS)
def test_the_server_refuses_a_deliberate_error(error: str) -> None:
    deployment = named(objects("home"), "Deployment", "plex-mcp")
    deployment["metadata"]["name"] = "tried-only"  # as a new object: an update would be refused for other reasons
    good = run("apply", "--dry-run=server", "--filename=-", given=yaml.safe_dump(deployment))
    assert good.returncode == 0, good.stderr
    apply, words = ERRORS[error]
    apply(deployment)
    refused = run("apply", "--dry-run=server", "--filename=-", given=yaml.safe_dump(deployment))
    assert refused.returncode != 0, refused.stdout
    assert words in refused.stderr
