"""The settings: every fault of every setting, all of them at once, and nothing secret in what is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plex_mcp.errors import SettingsError
from plex_mcp.settings import OPTIONS, Option, Settings, unknown_names

GOOD = {
    "PLEX_SERVER_URL": "http://plex.home:32400",
    "PLEX_TOKEN": "canary-plex-token",
    "REDIS_URL": "redis://user:canary-redis@127.0.0.1:6379/0",
    "AUTH_TOKEN": "canary-9f86d081884c7d65",
}


def faults_of(**changes: str) -> list[str]:
    try:
        Settings.from_env(GOOD | changes)
    except SettingsError as error:
        return list(error.faults)
    return []


def settings_with(**changes: str) -> Settings:
    return Settings.from_env(GOOD | changes)


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("PLEX_SERVER_URL", "", "PLEX_SERVER_URL is required"),
        ("PLEX_SERVER_URL", "plex.home:32400", "must start with http:// or https://"),
        ("PLEX_SERVER_URL", "ftp://plex.home:32400", "must start with http:// or https://"),
        ("PLEX_SERVER_URL", "http://:32400", "name a host"),
        ("PLEX_SERVER_URL", "http://plex.home", "must name the port"),
        ("PLEX_SERVER_URL", "http://plex.home:99999", "is not a URL"),
        ("PLEX_SERVER_URL", "http://[plex:32400", "is not a URL"),
        ("PLEX_SERVER_URL", "http://me:canary-x@plex.home:32400", "must not hold a user name or password"),
        ("PLEX_SERVER_URL", "http://plex.home:32400/web", "must end after the port"),
        ("PLEX_SERVER_URL", "http://plex.home:32400/?X-Plex-Token=canary-x", "must end after the port"),
        ("PLEX_TOKEN", "", "PLEX_TOKEN (or PLEX_TOKEN_FILE) is required"),
        ("PLEX_TOKEN", "two canary-words", "printable ASCII without blanks"),
        ("PLEX_TOKEN", "canary-\u00e9", "printable ASCII without blanks"),
        ("REDIS_URL", "", "REDIS_URL (or REDIS_URL_FILE) is required"),
        ("REDIS_URL", "canary-host:6379", "must start with redis://"),
        ("REDIS_URL", "REDIS://canary-host:6379", "must start with redis://"),
        ("REDIS_URL", "redis://", "must name a host"),
        ("REDIS_URL", "redis://127.0.0.1:6379/cache", "must end in a database number"),
        ("REDIS_URL", "redis://127.0.0.1:port/0", "is not a URL"),
        ("AUTH_TOKEN", "", "AUTH_TOKEN (or AUTH_TOKEN_FILE) is required"),
        ("AUTH_TOKEN", "canary-short", "at least 16 characters in each"),
        ("AUTH_TOKEN", "canary-9f86d081884c7d65,canary-short", "at least 16 characters in each"),
        ("AUTH_TOKEN", "canary-9f86d081884c7d65,", "at least 16 characters in each"),
        ("AUTH_TOKEN", "canary 9f86d081884c7d65", "printable ASCII without blanks"),
        ("AUTH_TOKEN", "change-me-please", "placeholder"),
        ("AUTH_TOKEN", "your-secret-token-here", "placeholder"),
        ("AUTH_TOKEN", "SuperSecretPassword123", "placeholder"),
        ("AUTH_TOKEN", "aaaaaaaaaaaaaaaaaaaa", "placeholder"),
        ("AUTH_TOKEN", "abababababababababab", "placeholder"),
        ("AUTH_TOKEN", "1234567890123456", "placeholder"),
        ("AUTH_TOKEN", "0123456789abcdef", "placeholder"),
        ("BIND", "8000", "must be HOST:PORT"),
        ("BIND", ":8000", "must be HOST:PORT"),
        ("BIND", "127.0.0.1:http", "must be HOST:PORT"),
        ("BIND", "127.0.0.1:70000", "must be HOST:PORT"),
        ("THREADS", "8", "must be a whole number from 16 to 256"),
        ("THREADS", "many", "must be a whole number"),
        ("THREADS", "64.5", "must be a whole number from 16 to 256"),
        ("PLEX_POOL_SIZE", "11", "must be a whole number from 1 to 10"),
        ("PIN_CPU", "maybe", "must be true or false"),
        ("LOG_LEVEL", "LOUD", "must be DEBUG, INFO, WARNING or ERROR"),
        ("CACHE_TTL_SEARCH", "0", "must be a number from 1 to 86400"),
        ("CACHE_TTL_SEARCH", "5m", "must be a number"),
        ("CACHE_TTL_SEARCH", "nan", "must be a number from 1 to 86400"),
        ("CACHE_STALE_RETENTION", "-1", "must be a number from 0 to 2592000"),
        ("REDIS_TIMEOUT", "0", "must be a number from 0.01 to 5"),
        ("PLEX_CA_FILE", "/nowhere/canary-ca.pem", "names no file"),
        ("CALL_SOFT_DEADLINE", "9", "CALL_SOFT_DEADLINE must be below CALL_DEADLINE"),
        ("PLEX_READ_TIMEOUT", "8", "PLEX_READ_TIMEOUT must be below CALL_DEADLINE"),
        ("PLEX_CONNECT_TIMEOUT", "8", "PLEX_CONNECT_TIMEOUT must be below CALL_DEADLINE"),
        ("RETRY_INITIAL", "30.5", "must be a number from 0.01 to 30"),
        ("RETRY_MAX", "0.5", "RETRY_INITIAL must not be above RETRY_MAX"),
        ("ALLOWED_HOSTS", "https://canary.example", "host names"),
        ("ALLOWED_HOSTS", "canary.example/mcp", "host names"),
        ("ALLOWED_HOSTS", "*.canary.example", "host names"),
        ("ALLOWED_ORIGINS", "canary.example", "origins"),
        ("ALLOWED_ORIGINS", "https://canary.example/", "origins"),
        ("ALLOWED_ORIGINS", "null", "origins"),
        ("ALLOWED_ORIGINS", "*", "origins"),
        ("TRUSTED_PROXIES", "6", "must be a whole number from 0 to 5"),
        ("RATE_LIMIT", "-1", "must be a whole number from 0 to 1000000"),
        ("METRICS_PUBLIC", "2", "must be true or false"),
        ("READ_ONLY", "canary", "must be true or false"),
        ("CLIENT_ALIASES", "kids", "must be alias=player name"),
        ("CLIENT_ALIASES", "kids=", "must be alias=player name"),
        ("POD_IP", "canary.example", "must be an IP address"),
    ],
)
def test_each_fault_is_one_sentence_that_names_the_setting_and_repeats_no_value(
    name: str, value: str, fault: str
) -> None:
    (found,) = faults_of(**{name: value})
    assert fault in found
    assert name in found
    assert found.endswith(".")
    assert "canary" not in found


def test_every_setting_with_a_parser_of_its_own_is_in_the_table_above() -> None:
    """So that a new one is not forgotten; numbers and words share theirs."""
    table = test_each_fault_is_one_sentence_that_names_the_setting_and_repeats_no_value.pytestmark[0].args[1]  # type: ignore[attr-defined]
    covered = {row[0] for row in table}
    assert {option.name for option in OPTIONS if not option.allowed} <= covered


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"THREADS": "many", "LOG_LEVEL": "LOUD"})
    assert [fault.split()[0] for fault in caught.value.faults] == [
        "PLEX_SERVER_URL",
        "PLEX_TOKEN",
        "REDIS_URL",
        "AUTH_TOKEN",
        "THREADS",
        "LOG_LEVEL",
    ]


@pytest.mark.parametrize(
    "option", [option for option in OPTIONS if not option.required], ids=lambda option: option.name
)
def test_a_default_written_out_is_the_same_as_none(option: Option) -> None:
    default = getattr(settings_with(), option.field)
    assert getattr(settings_with(**{option.name: option.default or ""}), option.field) == default
    assert (
        getattr(settings_with(**{option.name: f"  {option.default} " if option.default else " "}), option.field)
        == default
    )


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("PLEX_SERVER_URL", "https://192.168.1.2:32400/", "plex_server_url", "https://192.168.1.2:32400"),
        ("LOG_LEVEL", "warn", "log_level", "WARNING"),
        ("READ_ONLY", "Yes", "read_only", True),
        ("CALL_SOFT_DEADLINE", "0.5", "call_soft_deadline_s", 0.5),
        ("ALLOWED_HOSTS", "Plex-MCP, mcp.Example.com:8443", "allowed_hosts", ("plex-mcp", "mcp.example.com:8443")),
        ("ALLOWED_ORIGINS", "https://Chat.example.com", "allowed_origins", ("https://chat.example.com",)),
        ("POD_IP", "fd00::1", "pod_ip", "fd00::1"),
        (
            "CLIENT_ALIASES",
            "Kids = Bedroom TV ; tv=Living Room",
            "client_aliases",
            {"kids": "Bedroom TV", "tv": "Living Room"},
        ),
        ("BIND", "[::]:8000", "bind", "[::]:8000"),
    ],
)
def test_values_are_read_as_people_write_them(name: str, text: str, field: str, value: object) -> None:
    assert getattr(settings_with(**{name: text}), field) == value


def test_several_tokens_are_accepted_while_rotating() -> None:
    settings = settings_with(AUTH_TOKEN="canary-9f86d081884c7d65 , canary-15b0f00a08aa0c97")
    assert settings.auth_tokens() == ("canary-9f86d081884c7d65", "canary-15b0f00a08aa0c97")


def test_no_secret_is_in_anything_that_is_printed() -> None:
    settings = settings_with()
    shown = (
        f"{settings!r} {settings} {settings.effective()} {json.dumps(settings.effective())} {settings.auth_token:>40}"
    )
    assert "canary" not in shown
    assert settings.effective()["PLEX_TOKEN"] == "***"
    assert [secret() for secret in settings.secrets()] == [GOOD["PLEX_TOKEN"], GOOD["REDIS_URL"], GOOD["AUTH_TOKEN"]]


def test_the_effective_configuration_can_be_set_again() -> None:
    settings = settings_with(CLIENT_ALIASES="kids=Bedroom TV; tv=Living Room", ALLOWED_HOSTS="a,b", RETRY_MAX="2.5")
    secrets = {name: GOOD[name] for name in ("PLEX_TOKEN", "REDIS_URL", "AUTH_TOKEN")}
    assert Settings.from_env(settings.effective() | secrets).effective() == settings.effective()


def test_secrets_come_from_files_too(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("canary-15b0f00a08aa0c97\n")
    environ = {name: value for name, value in GOOD.items() if name != "AUTH_TOKEN"} | {"AUTH_TOKEN_FILE": str(file)}
    settings = Settings.from_env(environ)
    assert settings.auth_tokens() == ("canary-15b0f00a08aa0c97",)
    file.write_text("canary-9f86d081884c7d65,canary-15b0f00a08aa0c97")
    assert settings.auth_tokens() == ("canary-9f86d081884c7d65", "canary-15b0f00a08aa0c97")


@pytest.mark.parametrize(
    "bad", ["", "short", "canary-9f86d081884c7d65,x", "changeme-changeme", "caf\u00e9-9f86d081884c7d65"]
)
def test_a_token_file_that_turns_bad_keeps_its_last_good_tokens(tmp_path: Path, bad: str) -> None:
    """An empty or guessable token must not open the house because a file was edited by hand."""
    file = tmp_path / "token"
    file.write_text("canary-15b0f00a08aa0c97")
    environ = {name: value for name, value in GOOD.items() if name != "AUTH_TOKEN"} | {"AUTH_TOKEN_FILE": str(file)}
    settings = Settings.from_env(environ)
    file.write_text(bad)
    assert settings.auth_tokens() == ("canary-15b0f00a08aa0c97",)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "AUTH_TOKEN_FILE cannot be read (FileNotFoundError)."),
        (b"", "AUTH_TOKEN_FILE names an empty file."),
        (b"\n \n", "AUTH_TOKEN_FILE names an empty file."),
        (b"\xff\xfe", "AUTH_TOKEN_FILE cannot be read (UnicodeDecodeError)."),
        (b"canary", "AUTH_TOKEN (in its file) needs at least 16 characters in each token;"),
    ],
)
def test_a_secret_file_at_fault_is_told(tmp_path: Path, content: bytes | None, fault: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    environ = {name: value for name, value in GOOD.items() if name != "AUTH_TOKEN"} | {"AUTH_TOKEN_FILE": str(file)}
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ)
    assert caught.value.faults[0].startswith(fault)
    assert "canary" not in str(caught.value)


def test_a_secret_and_its_file_at_once_are_a_fault(tmp_path: Path) -> None:
    assert faults_of(PLEX_TOKEN_FILE=str(tmp_path)) == ["PLEX_TOKEN and PLEX_TOKEN_FILE are both set; keep one."]


def test_what_is_no_secret_has_no_file() -> None:
    assert unknown_names({"BIND_FILE": "/etc/bind"}) == ["BIND_FILE is not a setting: only secrets come from files."]


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("PLEX_TOKN", "PLEX_TOKN is not a setting; did you mean PLEX_TOKEN?"),
        ("CACHE_TTL_SERCH", "CACHE_TTL_SERCH is not a setting; did you mean CACHE_TTL_SEARCH?"),
        ("AUTH_TOKENS", "AUTH_TOKENS is not a setting; did you mean AUTH_TOKEN?"),
        ("CACHE_COLOUR", "CACHE_COLOUR is not a setting."),
    ],
)
def test_misspelt_names_are_warned_about(name: str, warning: str) -> None:
    assert unknown_names({name: "x"}) == [warning]


@pytest.mark.parametrize(
    "name",
    [
        "PATH",
        "HOME",
        "KUBERNETES_SERVICE_HOST",
        "PLEX_MCP_SERVICE_HOST",
        "PLEX_MCP_SERVICE_PORT_HTTP",
        "PLEX_MCP_PORT",
        "REDIS_PORT",
        "REDIS_PORT_6379_TCP",
        "REDIS_PORT_6379_TCP_ADDR",
        "REDIS_SERVICE_PORT",
        "PLEX_TOKEN_FILE",
        *GOOD,
    ],
)
def test_names_of_others_and_of_kubernetes_are_not(name: str) -> None:
    assert unknown_names({name: "x"}) == []


def test_the_table_and_the_dataclass_have_the_same_fields_in_the_same_order() -> None:
    assert [option.field for option in OPTIONS] == list(Settings.__dataclass_fields__)
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)
