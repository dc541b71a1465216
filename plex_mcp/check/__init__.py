"""`plex-mcp check`: is everything that the server needs there, and if not, what is to be done?

Small enough to run in the pod beside the server: requests and redis, neither python-plexapi nor the MCP SDK.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TextIO

from plex_mcp.check.finding import Finding, Status
from plex_mcp.errors import SettingsError
from plex_mcp.settings import EXIT_CONFIG, Settings, unknown_names


def main(environ: Mapping[str, str], *, as_json: bool = False, out: TextIO | None = None) -> int:
    """Check, print one line a finding (or one JSON object), and return the exit status.

    0: all well, or only warnings; 1: something will not work; 78: the settings are at fault, nothing else was tried.
    """
    out = sys.stdout if out is None else out
    findings: list[Finding] = []
    for finding in run(environ):
        findings.append(finding)
        if not as_json:
            print(finding.line(), file=out, flush=True)
    status = _exit_status(findings)
    failures = sum(finding.status is Status.FAIL for finding in findings)
    if as_json:
        report = {"ok": status == 0, "exit_status": status, "findings": [finding.as_dict() for finding in findings]}
        print(json.dumps(report, ensure_ascii=False), file=out)
    else:
        print("All is well." if not failures else f"{failures} of {len(findings)} checks failed.", file=out)
    return status


def run(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Every finding, in the order in which things are needed; what cannot be tried any more is left out."""
    for warning in unknown_names(environ):
        yield Finding("settings", Status.WARN, warning, "Correct the name, or remove it.")
    try:
        settings = Settings.from_env(environ)
    except SettingsError as error:
        for fault in error.faults:
            yield Finding("settings", Status.FAIL, fault, "Change the environment; the README lists all settings.")
        return
    yield Finding("settings", Status.OK, "all settings are valid")
    from plex_mcp.check import mcp, plex, redis  # only now: a wrong setting needs none of their packages

    yield from plex.findings(settings)
    yield from redis.findings(settings)
    yield from mcp.findings(settings)


def _exit_status(findings: list[Finding]) -> int:
    failed = {finding.what for finding in findings if finding.status is Status.FAIL}
    if "settings" in failed:
        return EXIT_CONFIG
    return 1 if failed else 0
