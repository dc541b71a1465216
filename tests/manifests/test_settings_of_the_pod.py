"""The ConfigMap against the settings table: in step, complete, and accepted by the program itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.settings_env import FILE, render
from plex_mcp.settings import OPTIONS, Settings, unknown_names
from tests.manifests.policy import settings
from tests.manifests.rendered import OVERLAYS, Object, named, objects

SECRETS = {
    "PLEX_TOKEN": "plex-token-for-a-test",
    "AUTH_TOKEN": "5f1d9c0b7a3e4286",
    "REDIS_URL": "redis://plex-mcp-redis:6379/0",
}


def environment(found: list[Object], folder: Path) -> dict[str, str]:
    """What a pod's process sees, its mounted secrets put into `folder`."""
    [container] = named(found, "Deployment", "plex-mcp")["spec"]["template"]["spec"]["containers"]
    [mount] = container["volumeMounts"]
    environ = dict(settings(found))
    for entry in container["env"]:
        value = entry.get("value", "10.42.0.17")
        if value.startswith(mount["mountPath"]):
            file = folder / Path(value).name
            file.write_text(SECRETS[file.name], encoding="utf-8")
            value = str(file)
        environ[entry["name"]] = value
    return environ


def test_the_settings_file_is_what_the_table_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == render(), "run `make manifests`"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_key_is_a_setting_and_no_setting_is_missing(overlay: str) -> None:
    keys = set(settings(objects(overlay)))
    assert keys == {option.name for option in OPTIONS if not option.secret} - {"POD_IP"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_program_accepts_what_the_pod_gives_it(overlay: str, tmp_path: Path) -> None:
    environ = environment(objects(overlay), tmp_path)
    accepted = Settings.from_env(environ)
    assert unknown_names(environ) == []
    assert accepted.bind == "0.0.0.0:8000"
    assert accepted.pod_ip == "10.42.0.17"
    assert accepted.plex_token.reveal() == SECRETS["PLEX_TOKEN"]
    assert "plex-mcp.media-services.svc.cluster.local" in accepted.allowed_hosts


@pytest.mark.parametrize("name", [option.name for option in OPTIONS if option.required])
def test_no_required_setting_comes_from_elsewhere(name: str, tmp_path: Path) -> None:
    """Each of them is supplied once, and taking it away is noticed."""
    environ = environment(objects("home"), tmp_path)
    assert len({name, f"{name}_FILE"} & environ.keys()) == 1
