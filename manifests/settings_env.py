"""Write base/settings.env, the keys of the ConfigMap, from the settings table: `make manifests`."""

from __future__ import annotations

from pathlib import Path

from plex_mcp.settings import OPTIONS

FILE = Path(__file__).parent / "base" / "settings.env"
NOT_HERE = {"POD_IP"}  # the pod's own address: the Deployment takes it from its status
HERE = {
    "PLEX_SERVER_URL": "http://192.168.1.10:32400",
    "BIND": "0.0.0.0:8000",
    "PIN_CPU": "true",
    "ALLOWED_HOSTS": ",".join(
        f"plex-mcp{domain}"
        for domain in ("", ".media-services", ".media-services.svc", ".media-services.svc.cluster.local")
    ),
}
REASONS = {
    "PLEX_SERVER_URL": "PATCH ME, together with the address in networkpolicy.yaml.",
    "BIND": "All of the pod's addresses: who may connect is the NetworkPolicy's business.",
    "ALLOWED_HOSTS": "The Service's names; the component `ingress` adds its own.",
}


def render() -> str:
    """The file's text: every setting that is not secret, with what it is for."""
    lines = [
        "# The ConfigMap's keys, made by `make manifests` from the settings table.",
        "# Change them in an overlay of yours, as overlays/home does.",
    ]
    for option in OPTIONS:
        if option.secret or option.name in NOT_HERE:
            continue
        unit = f" ({option.unit})" if option.unit else ""
        lines += ["", f"# {option.purpose[:1].upper()}{option.purpose[1:]}{unit}."]
        if option.name in REASONS:
            lines.append(f"# {REASONS[option.name]}")
        lines.append(f"{option.name}={HERE.get(option.name, option.default or '')}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
