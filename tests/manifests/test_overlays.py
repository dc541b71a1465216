"""Each overlay, and all components together: valid by Kubernetes' own schemas, and by the house's rules."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from plex_mcp import __version__
from tests.manifests.policy import violations
from tests.manifests.rendered import MANIFESTS, OVERLAYS, Object, build, named, objects, of_kind

VERSIONS = ("1.25", "1.37")  # the oldest whose schemas are kept, and the newest
OPERATOR = "monitoring.coreos.com/v1"  # its kinds are not Kubernetes' own: no schema here


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> list[Object]:
    """The base with every component that goes with the others."""
    folder = tmp_path_factory.mktemp("together")
    near = Path(os.path.relpath(MANIFESTS, folder.resolve()))
    names = sorted(path.name for path in (MANIFESTS / "components").iterdir() if path.name != "external-redis")
    parts = {"resources": [f"{near}/base"], "components": [f"{near}/components/{name}" for name in names]}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(parts), encoding="utf-8")
    return list(yaml.safe_load_all(build(folder)))


def test_the_overlays_are_the_promised_ones() -> None:
    assert set(OVERLAYS) >= {"external-redis", "home", "ingress", "monitoring", "scaled"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_is_valid_by_the_strict_schemas(overlay: str, version: str) -> None:
    for one in objects(overlay):
        if one["apiVersion"] != OPERATOR:
            kubernetes_validate.validate(one, version, strict=True)


def test_the_strict_schemas_refuse_a_field_that_does_not_exist() -> None:
    deployment = named(objects("home"), "Deployment", "plex-mcp")
    deployment["spec"]["template"]["spec"]["containers"][0]["readOnly"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, VERSIONS[-1], strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_keeps_the_house_rules(overlay: str) -> None:
    assert violations(objects(overlay)) == []


def test_all_components_together_keep_the_house_rules(together: list[Object]) -> None:
    assert violations(together) == []
    assert {"Ingress", "PodDisruptionBudget", "ServiceMonitor", "PrometheusRule"} <= {one["kind"] for one in together}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_is_in_the_one_namespace(overlay: str) -> None:
    found = [one for one in objects(overlay) if one["kind"] != "Namespace"]
    assert {one["metadata"].get("namespace") for one in found} == {"media-services"}


def test_the_image_has_this_version() -> None:
    deployment = named(objects("home"), "Deployment", "plex-mcp")
    image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == f"localhost/plex-mcp:{__version__}"


def test_the_example_of_a_secret_has_the_keys_that_the_pod_mounts() -> None:
    example = yaml.safe_load((MANIFESTS / "base" / "secret.example.yaml").read_text(encoding="utf-8"))
    spec = named(objects("home"), "Deployment", "plex-mcp")["spec"]["template"]["spec"]
    [container] = spec["containers"]
    assert [volume["secret"]["secretName"] for volume in spec["volumes"]] == [example["metadata"]["name"]]
    files = {entry["value"] for entry in container["env"] if entry["name"].endswith("_FILE")}
    assert files == {f"{container['volumeMounts'][0]['mountPath']}/{key}" for key in example["stringData"]}


def test_the_pod_outlives_its_last_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """preStop and gunicorn's graceful timeout fit into the grace period."""
    for name, value in {
        "PLEX_SERVER_URL": "http://127.0.0.1:32400",
        "PLEX_TOKEN": "x" * 20,
        "AUTH_TOKEN": "aB3dE6gH" * 3,
        "REDIS_URL": "redis://127.0.0.1:6379/0",
    }.items():
        monkeypatch.setenv(name, value)
    from plex_mcp import gunicorn_conf

    spec = named(objects("home"), "Deployment", "plex-mcp")["spec"]["template"]["spec"]
    command = spec["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    assert command[-1] == "import time; time.sleep(5)"
    assert spec["terminationGracePeriodSeconds"] > 5 + gunicorn_conf.graceful_timeout


def _pod(found: list[Object]) -> Any:
    return named(found, "Deployment", "plex-mcp")["spec"]["template"]["spec"]


def _container(found: list[Object]) -> Any:
    return _pod(found)["containers"][0]


def _config(found: list[Object]) -> Any:
    return next(one["data"] for one in of_kind(found, "ConfigMap") if "BIND" in one["data"])


def _spec(found: list[Object], kind: str, name: str) -> Any:
    return named(found, kind, name)["spec"]


BREAKAGES: dict[str, tuple[Callable[[list[Object]], Any], str]] = {
    "root": (lambda o: _pod(o)["securityContext"].pop("runAsNonRoot"), "may run as root"),
    "no seccomp": (lambda o: _pod(o)["securityContext"].pop("seccompProfile"), "no seccomp"),
    "writable root": (lambda o: _container(o)["securityContext"].pop("readOnlyRootFilesystem"), "not restricted"),
    "a token": (lambda o: _pod(o).update(automountServiceAccountToken=True), "automountServiceAccountToken"),
    "service links": (lambda o: _pod(o).pop("enableServiceLinks"), "enableServiceLinks"),
    "no liveness": (lambda o: _container(o).pop("livenessProbe"), "no livenessProbe"),
    "hasty start": (lambda o: _container(o)["startupProbe"].update(failureThreshold=3), "less than 120 s"),
    "no limit": (lambda o: _container(o)["resources"]["limits"].pop("memory"), "no request below a limit"),
    "more memory": (lambda o: _container(o)["resources"]["limits"].update(memory="200Mi"), "are promised"),
    "latest": (lambda o: _container(o).update(image="localhost/plex-mcp:latest"), "another image tomorrow"),
    "no tag": (lambda o: _container(o).update(image="registry.example:5000/plex-mcp"), "another image tomorrow"),
    "selector": (
        lambda o: _spec(o, "Deployment", "plex-mcp").update(selector={"matchLabels": {"a": "b"}}),
        "its own pods",
    ),
    "service": (lambda o: _spec(o, "Service", "plex-mcp").update(selector={"a": "b"}), "finds no pod"),
    "port name": (lambda o: _container(o)["ports"][0].update(name="web"), "finds no pod"),
    "open in": (lambda o: o.remove(named(o, "NetworkPolicy", "plex-mcp-in")), "open to the network"),
    "any Plex": (
        lambda o: _spec(o, "NetworkPolicy", "plex-mcp-to-plex")["egress"][0]["to"][0]["ipBlock"].update(
            cidr="0.0.0.0/0"
        ),
        "not an address",
    ),
    "any port": (
        lambda o: _spec(o, "NetworkPolicy", "plex-mcp-to-internet")["egress"][1]["ports"][0].update(port=80),
        "beyond port 443",
    ),
    "surge": (
        lambda o: _spec(o, "Deployment", "plex-mcp")["strategy"]["rollingUpdate"].update(maxSurge=2),
        "more than Plex",
    ),
    "bigger pool": (lambda o: _config(o).update(PLEX_POOL_SIZE="3"), "more than Plex"),
    "hasty rollout": (lambda o: _spec(o, "Deployment", "plex-mcp").pop("minReadySeconds"), "minReadySeconds"),
    "no budget": (lambda o: o.remove(named(o, "PodDisruptionBudget", "plex-mcp")), "PodDisruptionBudget"),
    "plain HTTP": (lambda o: named(o, "Ingress", "plex-mcp")["metadata"]["annotations"].clear(), "without TLS"),
    "other host": (
        lambda o: _spec(o, "Ingress", "plex-mcp")["rules"][0].update(host="other.example"),
        "refuses the host",
    ),
    "all paths": (
        lambda o: _spec(o, "Ingress", "plex-mcp")["rules"][0]["http"]["paths"][0].update(path="/"),
        "endpoint alone",
    ),
    "full redis": (
        lambda o: _spec(o, "Deployment", "plex-mcp-redis")["template"]["spec"]["containers"][0]["args"].__setitem__(
            3, "noeviction"
        ),
        "refuses writes",
    ),
    "big redis": (
        lambda o: _spec(o, "Deployment", "plex-mcp-redis")["template"]["spec"]["containers"][0]["args"].__setitem__(
            1, "90mb"
        ),
        "no room",
    ),
    "a secret": (lambda o: o.append({"kind": "Secret"}), "a Secret is among"),
    "pod security": (lambda o: of_kind(o, "Namespace")[0]["metadata"]["labels"].clear(), "restricted Pod Security"),
    "hidden metrics": (lambda o: _config(o).update(METRICS_PUBLIC="false"), "no token for /metrics"),
    "unseen alerts": (
        lambda o: of_kind(o, "PrometheusRule")[0]["metadata"]["labels"].pop("release"),
        "another operator",
    ),
    "unseen dashboard": (
        lambda o: named(o, "ConfigMap", "plex-mcp-dashboard")["metadata"].pop("labels"),
        "no dashboard",
    ),
    "scraped port": (
        lambda o: of_kind(o, "ServiceMonitor")[0]["spec"]["endpoints"][0].update(port="metrics"),
        "does not find",
    ),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_broken_manifest_breaks_a_house_rule(together: list[Object], breakage: str) -> None:
    found = copy.deepcopy(together)
    apply, words = BREAKAGES[breakage]
    apply(found)
    assert any(words in fault for fault in violations(found)), violations(found)
