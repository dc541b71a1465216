"""The house's own rules for its manifests: what a schema cannot know. Each rule yields what is wrong, in words."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from tests.manifests.rendered import Object, amount, named, of_kind, pods, selects

APP = "plex-mcp"
PLEX_CONNECTIONS = 10
CONTAINER = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
POD = {"automountServiceAccountToken": False, "enableServiceLinks": False, "restartPolicy": "Always"}


def violations(found: list[Object]) -> list[str]:
    """All that is wrong with an overlay's objects."""
    rules = (_pods, _app, _images, _services, _policies, _connections, _ingress, _redis, _secrets, _monitors)
    return [fault for rule in rules for fault in rule(found)]


def _pods(found: list[Object]) -> Iterator[str]:
    accounts = {
        one["metadata"]["name"] for one in of_kind(found, "ServiceAccount") if not one["automountServiceAccountToken"]
    }
    for deployment in of_kind(found, "Deployment"):
        if not selects(deployment["spec"]["selector"], deployment["spec"]["template"]["metadata"]["labels"]):
            yield f"{deployment['metadata']['name']}: the selector does not match its own pods"
    for name, template in pods(found):
        spec = template["spec"]
        for key, wanted in POD.items():
            if spec.get(key) != wanted:
                yield f"{name}: {key} is not {wanted}"
        if spec.get("serviceAccountName") not in accounts:
            yield f"{name}: its service account is missing, or has a token"
        security = spec.get("securityContext", {})
        if not security.get("runAsNonRoot") or not security.get("runAsUser") or not security.get("runAsGroup"):
            yield f"{name}: may run as root"
        if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{name}: no seccomp profile"
        for container in spec["containers"]:
            if container.get("securityContext") != CONTAINER:
                yield f"{name}: the container is not restricted"
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if probe not in container:
                    yield f"{name}: no {probe}"
            resources = container.get("resources", {})
            for kind in ("cpu", "memory"):
                low, high = (resources.get(part, {}).get(kind) for part in ("requests", "limits"))
                if not low or not high or amount(low) > amount(high):
                    yield f"{name}: {kind} has no request below a limit"


def _app(found: list[Object]) -> Iterator[str]:
    deployment = named(found, "Deployment", APP)
    spec = deployment["spec"]["template"]["spec"]
    [container] = spec["containers"]
    if container["resources"] != {
        "requests": {"cpu": "100m", "memory": "50Mi"},
        "limits": {"cpu": "200m", "memory": "100Mi"},
    }:
        yield "plex-mcp: requests 100m and 50Mi, limits 200m and 100Mi are promised"
    startup = container.get("startupProbe", {})
    if startup.get("periodSeconds", 10) * startup.get("failureThreshold", 3) < 120:
        yield "plex-mcp: less than 120 s to start"
    for probe, path in (("startup", "startup"), ("liveness", "live"), ("readiness", "ready")):
        if container.get(f"{probe}Probe", {}).get("httpGet") != {"path": f"/health/{path}", "port": "http"}:
            yield f"plex-mcp: the {probe} probe does not ask /health/{path}"
    if not any(spread["whenUnsatisfiable"] == "ScheduleAnyway" for spread in spec.get("topologySpreadConstraints", [])):
        yield "plex-mcp: replicas are not spread, or one node would not do"


def _images(found: list[Object]) -> Iterator[str]:
    for name, template in pods(found):
        for container in template["spec"]["containers"]:
            _, _, tag = container["image"].rpartition("/")[2].partition(":")
            if tag in {"", "latest"}:
                yield f"{name}: {container['image']} may be another image tomorrow"


def _services(found: list[Object]) -> Iterator[str]:
    for service in of_kind(found, "Service"):
        name, spec = service["metadata"]["name"], service["spec"]
        if spec.get("type") != "ClusterIP":
            yield f"{name}: not a ClusterIP Service"
        behind = [template for _, template in pods(found) if selects(spec["selector"], template["metadata"]["labels"])]
        ports = {
            port["name"]
            for template in behind
            for container in template["spec"]["containers"]
            for port in container["ports"]
        }
        if len(behind) != 1 or not {port["targetPort"] for port in spec["ports"]} <= ports:
            yield f"{name}: the Service finds no pod with its port"


def _policies(found: list[Object]) -> Iterator[str]:
    policies = [one["spec"] for one in of_kind(found, "NetworkPolicy")]
    for name, template in pods(found):
        labels = template["metadata"]["labels"]
        kinds = {kind for one in policies if selects(one["podSelector"], labels) for kind in one["policyTypes"]}
        if kinds != {"Ingress", "Egress"}:
            yield f"{name}: open to the network ({sorted(kinds)} alone restricted)"
    for one in of_kind(found, "NetworkPolicy"):
        name, spec = one["metadata"]["name"], one["spec"]
        if not any(selects(spec["podSelector"], template["metadata"]["labels"]) for _, template in pods(found)):
            yield f"{name}: the NetworkPolicy selects no pod"
        for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
            if not rule.get("ports") or not (rule.get("from") or rule.get("to")):
                yield f"{name}: a rule without ports or peers is open to all"
            for peer in rule.get("to", ()):
                block = peer.get("ipBlock", {})
                if "except" not in block and block and ipaddress.ip_network(block["cidr"]).num_addresses > 256:
                    yield f"{name}: {block['cidr']} is not an address but a network"
                if "except" in block and {port["port"] for port in rule["ports"]} != {443}:
                    yield f"{name}: the internet is open beyond port 443"


def _connections(found: list[Object]) -> Iterator[str]:
    spec = named(found, "Deployment", APP)["spec"]
    strategy, grace_s = spec["strategy"], spec["template"]["spec"]["terminationGracePeriodSeconds"]
    pool = int(settings(found)["PLEX_POOL_SIZE"])
    if strategy["type"] == "Recreate":
        at_once = spec["replicas"]
    else:
        at_once = (
            spec["replicas"]
            + int(strategy["rollingUpdate"]["maxSurge"])
            + int(strategy["rollingUpdate"]["maxUnavailable"])
        )
        if spec.get("minReadySeconds", 0) <= grace_s:
            yield "plex-mcp: a second replica may go before the first has ended (minReadySeconds)"
    if at_once * pool > PLEX_CONNECTIONS:
        yield f"plex-mcp: {at_once} pods with {pool} connections each are more than Plex is to see"
    if spec["replicas"] > 1 and not any(
        selects(one["spec"]["selector"], spec["template"]["metadata"]["labels"])
        for one in of_kind(found, "PodDisruptionBudget")
    ):
        yield "plex-mcp: several replicas without a PodDisruptionBudget"


def _ingress(found: list[Object]) -> Iterator[str]:
    values = settings(found)
    for ingress in of_kind(found, "Ingress"):
        with_tls = {host for entry in ingress["spec"].get("tls", ()) for host in entry["hosts"]}
        if ingress["metadata"]["annotations"].get("traefik.ingress.kubernetes.io/router.entrypoints") != "websecure":
            yield "ingress: also answers without TLS"
        if values["TRUSTED_PROXIES"] != "1":
            yield "ingress: TRUSTED_PROXIES does not count Traefik"
        for rule in ingress["spec"]["rules"]:
            if rule["host"] not in with_tls:
                yield f"ingress: {rule['host']} has no certificate"
            if rule["host"] not in values["ALLOWED_HOSTS"].split(","):
                yield f"ingress: plex-mcp refuses the host {rule['host']}"
            for path in rule["http"]["paths"]:
                service = path["backend"]["service"]
                ports = {port["name"] for port in named(found, "Service", service["name"])["spec"]["ports"]}
                if (path["path"], path["pathType"]) != ("/mcp", "Exact") or service["port"]["name"] not in ports:
                    yield f"ingress: {path['path']} is not the endpoint alone"


def _redis(found: list[Object]) -> Iterator[str]:
    for name, template in pods(found):
        if name == APP:
            continue
        [container] = template["spec"]["containers"]
        options = dict(zip(container["args"][::2], container["args"][1::2], strict=True))
        if options.get("--maxmemory-policy") != "allkeys-lru":
            yield "redis: refuses writes when it is full"
        if amount(options.get("--maxmemory", "1gb")) > 0.6 * amount(container["resources"]["limits"]["memory"]):
            yield "redis: maxmemory leaves no room below the limit"
        if (options.get("--save"), options.get("--appendonly")) != ("", "no") or template["spec"].get("volumes"):
            yield "redis: keeps a cache on disk"


def _secrets(found: list[Object]) -> Iterator[str]:
    if of_kind(found, "Secret"):
        yield "a Secret is among the manifests"
    for one in of_kind(found, "Namespace"):
        if one["metadata"]["labels"].get("pod-security.kubernetes.io/enforce") != "restricted":
            yield "the namespace does not enforce the restricted Pod Security level"


def _monitors(found: list[Object]) -> Iterator[str]:
    for monitor in of_kind(found, "ServiceMonitor"):
        services = [
            one
            for one in of_kind(found, "Service")
            if selects(monitor["spec"]["selector"], one["metadata"].get("labels", {}))
        ]
        ports = {port["name"] for one in services for port in one["spec"]["ports"]}
        if [one["metadata"]["name"] for one in services] != [APP] or {
            end["port"] for end in monitor["spec"]["endpoints"]
        } - ports:
            yield "monitoring: the ServiceMonitor does not find plex-mcp's port"
        if settings(found)["METRICS_PUBLIC"] != "true":
            yield "monitoring: Prometheus has no token for /metrics"
        labels = monitor["metadata"]["labels"]
        if any(
            rule["metadata"]["labels"].get("release") != labels["release"] for rule in of_kind(found, "PrometheusRule")
        ):
            yield "monitoring: the alerts wait for another operator"
        if not any(
            selects({"grafana_dashboard": "1"}, one["metadata"].get("labels", {}))
            for one in of_kind(found, "ConfigMap")
        ):
            yield "monitoring: no dashboard for Grafana to find"


def settings(found: list[Object]) -> dict[str, str]:
    """The ConfigMap that plex-mcp's pods take their settings from."""
    [container] = named(found, "Deployment", APP)["spec"]["template"]["spec"]["containers"]
    [source] = container["envFrom"]
    values: dict[str, str] = named(found, "ConfigMap", source["configMapRef"]["name"])["data"]
    return values
