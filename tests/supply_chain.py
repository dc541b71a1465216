"""What ships: the pinned requirements with their licences, and `make audit`, which looks them up in the advisories."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"
# Said by a classifier only, in words: their SPDX names.
_CLASSIFIED = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Apache Software License": "Apache-2.0",
}


def pinned() -> dict[str, tuple[str, int]]:
    """Name to version and number of hashes of each run-time requirement."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", REQUIREMENTS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {}
    for block in blocks:
        if match := re.match(r"([A-Za-z0-9._-]+)==(\S+(?: ;)?)", block):
            found[match[1]] = (match[2], block.count("--hash=sha256:"))
    return found


def licence_of(name: str) -> str | None:
    """The SPDX expression of an installed package; None when it is not installed (needed on other platforms only)."""
    try:
        told = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    expression = told.get("License-Expression") or told.get("License")
    if expression and len(expression) < 60:
        return " ".join(expression.split())
    classified = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or [] if line.startswith("License")]
    return " OR ".join(_CLASSIFIED.get(words, words) for words in classified) or "unknown"


def licences_table() -> str:
    """Markdown: the licences, and what stands under each."""
    by_licence: dict[str, list[str]] = {}
    for name, (version, _hashes) in pinned().items():
        # One for some Pythons only (its pin has a marker) would make the table differ between machines.
        if (licence := licence_of(name)) and not version.endswith(";"):
            by_licence.setdefault(licence, []).append(name)
    rows = ["| Licence | Run-time packages |", "| --- | --- |"]
    rows += [f"| {licence} | {', '.join(names)} |" for licence, names in sorted(by_licence.items())]
    return "\n".join(rows) + "\n"


def audit() -> int:
    """Ask the advisories about each pin; 1 when one is vulnerable, 0 with a word when nobody can be asked."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "-r",
        str(REQUIREMENTS),
        "--disable-pip",
        "--require-hashes",
        "-f",
        "json",
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    try:
        told = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        sys.stdout.write("audit: SKIPPED, the advisories cannot be reached from here\n")
        return 0
    unasked = [one["name"] for one in told if "skip_reason" in one]
    bad = [f"{one['name']} {one['version']}: {vuln['id']}" for one in told for vuln in one.get("vulns", [])]
    sys.stdout.write("".join(f"audit: {line}\n" for line in bad))
    if len(unasked) == len(told):
        sys.stdout.write("audit: SKIPPED, the advisories know none of the packages from here\n")
    else:
        sys.stdout.write(f"audit: {len(told) - len(unasked)} packages looked up, {len(bad)} advisories\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(audit())
