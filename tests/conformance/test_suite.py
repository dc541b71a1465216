"""The official conformance suite, bearer token on: fixtures for what needs them, the real catalogue for the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.conformance.conftest import Endpoint
from tests.conformance.node_tools import HERE, node_modules, run_node, version_of

# The first test of a machine installs the packages.
pytestmark = pytest.mark.timeout(600)

PACKAGE = "@modelcontextprotocol/conformance"
BASELINE = Path(__file__).parent / "expected-failures.yml"
LEFT_OUT = {
    "logging-set-level",
    "tools-call-with-logging",
    "tools-call-sampling",
    "tools-call-elicitation",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
    "resources-subscribe",
    "resources-unsubscribe",
}
"""The eight of 2025-11-25 that a stateless server leaves out."""

GENERIC = {
    "2026-07-28": {
        "tools-list",
        "resources-list",
        "prompts-list",
        "caching",
        "dns-rebinding-protection",
        "server-sse-multiple-streams",
        "sep-2164-resource-not-found",
        "http-header-validation",
        "input-required-result-unsupported-methods",
    },
    "2025-11-25": {
        "server-initialize",
        "ping",
        "tools-list",
        "resources-list",
        "prompts-list",
        "dns-rebinding-protection",
        "server-sse-multiple-streams",
    },
}
"""What needs no fixtures and therefore holds for the real catalogue."""


def run_suite(endpoint: Endpoint, out: Path, *chosen: str) -> tuple[int, dict[str, bool], str]:
    """Exit status, every scenario that ran with whether it passed, and the end of the output."""
    package = node_modules() / PACKAGE
    arguments = ["--import", str(HERE / "bearer.mjs"), str(package / "dist" / "index.js"), "server"]
    arguments += ["--url", endpoint.url, *chosen, "--expected-failures", str(BASELINE), "-o", str(out)]
    done = run_node(*arguments, MCP_BEARER=endpoint.token, CONF_PKG=str(package / "package.json"))
    summary = done.stdout.partition("=== SUMMARY ===")[2]
    passed = {name: mark == "✓" for mark, name in re.findall(r"^([✓✗]) ([\w-]+): \d+ passed", summary, re.MULTILINE)}
    assert passed, done.stdout[-3000:] + done.stderr[-3000:]
    return done.returncode, passed, summary


def required(version: str) -> set[str]:
    """The scenarios that a revision scores, frozen by the suite at its release."""
    found = yaml.safe_load((node_modules() / PACKAGE / "requirements" / f"{version}.yaml").read_text())
    return set(found["server"])


def show(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        print(  # noqa: T201 - the figures are a product of the run
            f"\n  {PACKAGE} {version_of(PACKAGE)}, {line}"
        )


@pytest.mark.parametrize(
    ("chosen", "version", "expected", "left_out"),
    [
        (["--requirements", "2026-07-28"], "2026-07-28", (37, 37), set()),
        (["--requirements", "2025-11-25"], "2025-11-25", (22, 30), LEFT_OUT),
        (
            ["--suite", "all", "--spec-version", "2025-06-18"],
            "2025-06-18",
            (21, 27),
            LEFT_OUT - {"elicitation-sep1034-defaults", "elicitation-sep1330-enums"},
        ),
    ],
    ids=["2026-07-28", "2025-11-25", "2025-06-18"],
)
def test_the_scored_scenarios_pass_but_those_named(
    fixture_server: Endpoint,
    out_folder: Path,
    capsys: pytest.CaptureFixture[str],
    chosen: list[str],
    version: str,
    expected: tuple[int, int],
    left_out: set[str],
) -> None:
    status, passed, output = run_suite(fixture_server, out_folder, *chosen)
    counting = required(version) if "--requirements" in chosen else set(passed)
    scored = {name: well for name, well in passed.items() if name in counting}
    figure = (sum(scored.values()), len(scored))
    show(capsys, f"{version}: {figure[0]} of {figure[1]} scored scenarios pass; left out: {sorted(left_out) or 'none'}")
    assert status == 0, output
    assert {name for name, well in scored.items() if not well} == left_out
    assert figure == expected


@pytest.mark.parametrize("version", sorted(GENERIC))
def test_the_real_catalogue_passes_what_needs_no_fixtures(
    real_server: Endpoint, out_folder: Path, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    _, passed, output = run_suite(real_server, out_folder, "--requirements", version)
    assert {name: passed.get(name) for name in GENERIC[version]} == dict.fromkeys(GENERIC[version], True), output
    show(capsys, f"{version}, real catalogue: {len(GENERIC[version])} of {len(GENERIC[version])} that need no fixtures")
