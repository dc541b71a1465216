"""The README's commands, run as they stand: only addresses, tokens and what a machine may lack are put in their place.

Each block of commands is in HELD: run here, by another test, by hand in a clean clone, or not at all, and why. A new
one has to be put there.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from plex_mcp.quickstart.redis import free_port
from plex_mcp.standin import StandIn
from tests.conformance.node_tools import NODE, node_modules
from tests.manifests.rendered import kubectl
from tests.readme import README
from tests.serving import ROOT, Serving, environment, serving

TEXT = README.read_text(encoding="utf-8")
BLOCKS = [textwrap.dedent(text) for text in re.findall(r"^ *```sh\n(.*?)^ *```$", TEXT, re.MULTILINE | re.DOTALL)]
BIN = Path(sys.executable).parent

HERE = "here"
BY_HAND = "by hand"
NOT_RUN = "not run"
HELD = {
    "make demo": "tests/e2e/test_first_run.py::test_quickstart_once_shows_every_tool_and_ends_well",
    "curl -s http://127.0.0.1:8000/mcp": HERE,
    "make demo ARGS=--once PLEX_SERVER_URL": HERE,
    'export PATH="$PWD/.venv/bin:$PATH"': HERE,
    "pip install --no-deps --require-hashes": BY_HAND,  # needs a package index
    "claude mcp add": NOT_RUN,  # proprietary: from its documentation
    "npx @modelcontextprotocol/inspector": HERE,
    "podman build": "tests/image/test_image.py::",
    "podman run": "tests/image/test_image.py::",
    "cp -r manifests/overlays/home": HERE,
    "kubectl apply -f manifests/base/namespace.yaml": HERE,
    "OLD=$(kubectl": HERE,
    "make test ": BY_HAND,  # would test itself
    "unset PLEX_SERVER_URL": BY_HAND,  # the same code by tests/recording
    "PLEX_SERVER_URL=http://127.0.0.1:32400": NOT_RUN,  # needs a real Plex: it refuses the stand-in
}


def block(begins: str) -> str:
    """The one block that begins so."""
    (found,) = [each for each in BLOCKS if each.startswith(begins)]
    return found


def run(script: str, *, cwd: Path = ROOT, told: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=environment(**variables),
        cwd=cwd,
        input=told,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def put(script: str, places: Mapping[str, str]) -> str:
    """The script with each of these in its place; each must be there."""
    for what, value in places.items():
        assert what in script, what
        script = script.replace(what, value)
    return script


def needs(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not here")


@pytest.mark.parametrize("text", BLOCKS, ids=lambda text: text.partition("\n")[0][:40])
def test_every_block_of_commands_is_accounted_for(text: str) -> None:
    held = [how for begins, how in HELD.items() if text.startswith(begins)]
    if text.startswith("make demo ARGS"):
        held.remove(HELD["make demo"])
    assert len(held) == 1
    if held[0] not in {HERE, BY_HAND, NOT_RUN}:
        path, _, name = held[0].partition("::")
        assert f"def {name}" in (ROOT / path).read_text(encoding="utf-8")


def test_no_other_block_claims_to_be_a_shells() -> None:
    kinds = set(re.findall(r"^ *```(\w+)$", TEXT, re.MULTILINE))
    assert kinds == {"sh", "json", "ini", "text"}
    assert len(BLOCKS) == len(HELD)


def test_every_block_of_json_is_json_but_where_it_is_cut() -> None:
    blocks = re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    whole = [text for text in blocks if not re.search(r"…\}|…\n$", text)]
    assert len(whole) >= 10
    for text in whole:
        json.loads(text)


def test_the_call_by_curl_answers_as_shown(server: Serving) -> None:
    needs("curl")
    script = put(block("curl -s"), {"http://127.0.0.1:8000": server.url})
    ended = run(script, TOKEN=server.token)
    assert ended.returncode == 0, ended.stderr
    shown = TEXT.partition(block("curl -s"))[2].partition("```json\n")[2].partition("\n```")[0]
    shown = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "…", re.sub(r"\n *", "", shown))
    pattern = ".*?".join(map(re.escape, shown.split("…")))
    assert re.fullmatch(pattern, ended.stdout.strip()), ended.stdout


def test_the_demonstration_with_ones_own_plex(plex: StandIn) -> None:
    needs("make")
    places = {"http://192.168.1.20:32400": plex.url, "PLEX_TOKEN=…": f"PLEX_TOKEN={plex.token}"}
    script = put(block("make demo ARGS"), places).strip()
    # What `make demo` installs is there already: requirements-test.txt holds it too.
    ended = run(f"{script} VENV={sys.prefix} -o {sys.prefix}/.demo")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "the demonstration only reads" in ended.stdout
    assert '"dry_run": true' in ended.stdout


def test_check_and_serve_as_one_would_at_home(plex: StandIn, redis_url: str, tmp_path: Path) -> None:
    needs("openssl")
    bind = f"127.0.0.1:{free_port()}"
    places = {
        "$PWD/.venv/bin": str(BIN),
        "http://192.168.1.20:32400": plex.url,
        "PLEX_TOKEN=…": f"PLEX_TOKEN={plex.token}",
        "redis://127.0.0.1:6379/0": redis_url,
    }
    lines = put(block("export PATH"), places).splitlines()
    assert lines[-1] == "plex-mcp serve"
    first = run("\n".join(lines[:-1]), HOME=str(tmp_path), BIND=bind)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "mcp call" in first.stdout
    token_file = tmp_path / ".plex-mcp-token"
    assert token_file.stat().st_mode & 0o777 == 0o600
    settings = {"PLEX_SERVER_URL": plex.url, "PLEX_TOKEN": plex.token, "REDIS_URL": redis_url, "BIND": bind}
    token = token_file.read_text().strip()
    with serving(**settings, AUTH_TOKEN_FILE=str(token_file), AUTH_TOKEN=""):
        again = run("\n".join(lines[:-1]), HOME=str(tmp_path), BIND=bind)
        # The block made a new token, which the server reads at the next request.
        assert token_file.read_text().strip() != token
    assert again.returncode == 0, again.stdout + again.stderr
    assert "list_libraries answers" in again.stdout


def test_the_inspectors_command(server: Serving) -> None:
    package = node_modules() / "@modelcontextprotocol" / "inspector"
    entry = json.loads((package / "package.json").read_text())["bin"]["mcp-inspector"]
    places = {
        "npx @modelcontextprotocol/inspector": f"'{NODE}' '{package / entry}'",
        "http://127.0.0.1:8000": server.url,
    }
    ended = run(put(block("npx"), places), PLEX_MCP_TOKEN=server.token)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Sintel" in ended.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the manifests, and in bin/ a kubectl whose cluster is the file secret.yaml."""
    shutil.copytree(ROOT / "manifests", tmp_path / "manifests")
    (tmp_path / "bin").mkdir()
    shim = tmp_path / "bin" / "kubectl"
    read = 'import yaml; print(yaml.safe_load(open("secret.yaml"))["data"]["AUTH_TOKEN"])'
    shim.write_text(f"""#!/usr/bin/env bash
set -euo pipefail
real='{kubectl()}'
case "$*" in
  *"create secret"*) exec $real "$@" --dry-run=client -o yaml > secret.yaml ;;
  *"patch secret plex-mcp"*)
    shift 5
    $real patch --local -f secret.yaml "$@" -o yaml > new.yaml
    mv new.yaml secret.yaml ;;
  *"get secret plex-mcp"*) '{sys.executable}' -c '{read}' ;;
  *"rollout status deployment/plex-mcp" | *"port-forward service/plex-mcp 8000") ;;
  "apply -f "*) test -f "$3" ;;
  "apply -k "*) exec $real kustomize "$3" > applied.yaml ;;
  "kustomize "*) exec $real "$@" ;;
  *) echo "not expected: $*" >&2; exit 1 ;;
esac
""")
    shim.chmod(0o755)
    return tmp_path


def secret_of(folder: Path) -> dict[str, str]:
    """What the Secret holds, as text."""
    found = yaml.safe_load((folder / "secret.yaml").read_text())
    held = {name: base64.b64decode(value).decode() for name, value in found.get("data", {}).items()}
    return held | dict(found.get("stringData", {}))


def test_the_way_onto_kubernetes(clone: Path, plex: StandIn, redis_url: str) -> None:
    needs("curl", "openssl")
    path = f"{clone / 'bin'}{os.pathsep}{os.environ['PATH']}"
    rendered = run(put(block("cp -r"), {"| less": "| cat"}), cwd=clone, PATH=path, EDITOR="test -f")
    assert rendered.returncode == 0, rendered.stderr
    assert {"Deployment", "NetworkPolicy", "Service"} <= {one["kind"] for one in yaml.safe_load_all(rendered.stdout)}
    to_the_secret, asking = block("kubectl apply -f").split("kubectl -n media-services rollout")
    made = run(to_the_secret, cwd=clone, told="the-token-of-plex\n", PATH=path)
    assert made.returncode == 0, made.stderr
    held = secret_of(clone)
    assert set(held) == {"PLEX_TOKEN", "AUTH_TOKEN", "REDIS_URL"}
    assert (held["PLEX_TOKEN"], held["REDIS_URL"]) == ("the-token-of-plex", "redis://plex-mcp-redis:6379/0")
    assert re.fullmatch("[0-9a-f]{64}", held["AUTH_TOKEN"])
    assert (clone / "applied.yaml").stat().st_size
    settings = {"PLEX_SERVER_URL": plex.url, "PLEX_TOKEN": plex.token, "REDIS_URL": redis_url}
    with serving(**settings, AUTH_TOKEN=held["AUTH_TOKEN"]) as server:
        script = put("kubectl -n media-services rollout" + asking, {"http://127.0.0.1:8000": server.url})
        asked = run(script, cwd=clone, PATH=path)
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["result"]["structuredContent"]["items"]


def test_a_token_is_changed_in_the_secret(clone: Path) -> None:
    needs("openssl")
    path = f"{clone / 'bin'}{os.pathsep}{os.environ['PATH']}"
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "plex-mcp"}}
    (clone / "secret.yaml").write_text(
        yaml.safe_dump(secret | {"data": {"AUTH_TOKEN": base64.b64encode(b"the-old-one").decode()}})
    )
    first, then = block("OLD=$(kubectl").split("# give the new one to every chatbot, then\n")
    both = run(f"{first}\ncp secret.yaml both.yaml\n{then}", cwd=clone, PATH=path)
    assert both.returncode == 0, both.stderr
    assert yaml.safe_load((clone / "both.yaml").read_text())["stringData"]["AUTH_TOKEN"].startswith("the-old-one,")
    assert re.fullmatch("[0-9a-f]{64}", secret_of(clone)["AUTH_TOKEN"])
