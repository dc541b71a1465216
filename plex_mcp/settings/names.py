"""Variables that look like settings and are none."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from plex_mcp.settings.options import OPTIONS

_KNOWN = {option.name for option in OPTIONS} | {f"{option.name}_FILE" for option in OPTIONS if option.secret}
_OUR_PREFIXES = (
    "PLEX_",
    "REDIS_",
    "AUTH_",
    "CACHE_",
    "CALL_",
    "RETRY_",
    "BREAKER_",
    "ALLOWED_",
    "HEALTH_CHECK_",
    "CLIENT_",
    "METRICS_",
    "TRUSTED_",
)
# Kubernetes injects these for every Service in the namespace, plex and redis among them.
_KUBERNETES = re.compile(r"_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$")


def unknown_names(environ: Mapping[str, str]) -> list[str]:
    """Warnings about variables that look like ours and are not, each with the nearest name."""
    warnings = []
    for name in sorted(environ):
        if name.removesuffix("_FILE") in _KNOWN and name not in _KNOWN:
            warnings.append(f"{name} is not a setting: only secrets come from files.")
            continue
        near = difflib.get_close_matches(name, _KNOWN, n=1, cutoff=0.8)
        if name in _KNOWN or _KUBERNETES.search(name) or not (near or name.startswith(_OUR_PREFIXES)):
            continue
        warnings.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "."))
    return warnings
