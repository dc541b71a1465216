"""The settings: one table, from which validation, the README section and the ConfigMap's keys derive. A leaf.

Environment variables only. Every secret has a `_FILE` twin. All faults are found before any is reported.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from plex_mcp.errors import SettingsError
from plex_mcp.secret import Secret

EXIT_CONFIG = 78
"""sysexits.h EX_CONFIG: what the process ends with when the settings are at fault."""

_MIN_TOKEN_LENGTH = 16
_WELL_KNOWN = re.compile(
    r"^(change[-_]?me|password|secret|token|example|test|default|your|replace)[-_a-z0-9]*$|^(.)\2+$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The validated settings. Durations are seconds, sizes bytes. `OPTIONS` says what each is for."""

    plex_server_url: str
    plex_token: Secret
    redis_url: Secret
    auth_token: Secret
    bind: str
    threads: int
    pin_cpu: bool
    log_level: str
    trace_requests: bool
    cache_ttl_search_s: float
    cache_ttl_details_s: float
    cache_ttl_libraries_s: float
    cache_ttl_playback_s: float
    cache_ttl_recently_added_s: float
    cache_ttl_on_deck_s: float
    cache_ttl_clients_s: float
    cache_ttl_history_s: float
    cache_stale_retention_s: float
    cache_l1_max_bytes: int
    cache_warm: bool
    redis_timeout_s: float
    redis_pool_size: int
    health_check_interval_s: float
    plex_pool_size: int
    plex_connect_timeout_s: float
    plex_read_timeout_s: float
    plex_ca_file: str
    plex_verify_tls: bool
    call_soft_deadline_s: float
    call_deadline_s: float
    retry_attempts: int
    retry_initial_s: float
    retry_max_s: float
    breaker_threshold: int
    allowed_hosts: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    trusted_proxies: int
    rate_limit_per_min: int
    metrics_public: bool
    read_only: bool
    client_aliases: Mapping[str, str]
    pod_ip: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read and validate. Raise SettingsError with every fault at once, in words."""
        values: dict[str, Any] = {}
        faults: list[str] = []
        for option in OPTIONS:
            try:
                values[option.field] = option.read(environ)
            except _Fault as fault:
                faults.append(str(fault))
        faults.extend(_faults_of_combinations(values))
        if faults:
            raise SettingsError(faults)
        return cls(**values)

    def auth_tokens(self) -> tuple[str, ...]:
        """The bearer tokens accepted now; more than one while they are rotated."""
        return tuple(token for part in self.auth_token.reveal().split(",") if (token := part.strip()))

    def secrets(self) -> tuple[Callable[[], str], ...]:
        """What tells the secrets' present values: for the scrubber of logs."""
        return tuple(getattr(self, option.field).reveal for option in OPTIONS if option.secret)

    def effective(self) -> dict[str, str]:
        """What is in force, by variable name, secrets masked: for the log at start."""
        return {option.name: option.show(getattr(self, option.field)) for option in OPTIONS}


class _Fault(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Option:
    """One setting. `default` is written as a user would write it; None means required."""

    name: str
    field: str
    parse: Callable[[str], Any]
    default: str | None
    purpose: str
    unit: str = ""
    secret: bool = False

    @property
    def required(self) -> bool:
        return self.default is None

    def read(self, environ: Mapping[str, str]) -> Any:
        text = environ.get(self.name, "").strip()
        file_name = environ.get(f"{self.name}_FILE", "").strip() if self.secret else ""
        if text and file_name:
            raise _Fault(f"{self.name} and {self.name}_FILE are both set; keep one.")
        if file_name:
            return self._read_file(file_name)
        if not text:
            if self.default is None:
                twin = f" (or {self.name}_FILE)" if self.secret else ""
                raise _Fault(f"{self.name}{twin} is required: {self.purpose}.")
            text = self.default
        return self._parsed(text)

    def _read_file(self, file_name: str) -> Secret:
        try:
            secret = Secret.from_file(file_name)
        except (OSError, UnicodeDecodeError) as error:
            raise _Fault(f"{self.name}_FILE cannot be read ({type(error).__name__}).") from None
        if not secret:
            raise _Fault(f"{self.name}_FILE names an empty file.")
        self._parsed(secret.reveal())
        return secret

    def _parsed(self, text: str) -> Any:
        try:
            value = self.parse(text)
        except ValueError as error:
            raise _Fault(f"{self.name} {error}.") from None
        return Secret(value) if self.secret else value

    def show(self, value: Any) -> str:
        """The value as a user would write it; secrets and URLs' passwords never."""
        if isinstance(value, Secret):
            return repr(value)
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, tuple):
            return ",".join(value)
        if isinstance(value, Mapping):
            return "; ".join(f"{alias}={name}" for alias, name in value.items())
        return f"{value:g}" if isinstance(value, float) else str(value)


def _number(text: str, *, low: float, high: float, whole: bool) -> float:
    kind = "a whole number" if whole else "a number"
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"must be {kind}") from None
    if not low <= value <= high or (whole and value != int(value)):
        raise ValueError(f"must be {kind} from {low:g} to {high:g}")
    return value


def _integer(low: int, high: int) -> Callable[[str], int]:
    return lambda text: int(_number(text, low=low, high=high, whole=True))


def _seconds(low: float, high: float) -> Callable[[str], float]:
    return lambda text: _number(text, low=low, high=high, whole=False)


def _boolean(text: str) -> bool:
    word = text.lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError("must be true or false")


def _plex_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("is not a URL; an example is http://plex.home:32400") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must start with http:// or https:// and name a host; an example is http://plex.home:32400")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password; the token goes into PLEX_TOKEN")
    if port is None:
        raise ValueError("must name the port (Plex's is 32400): python-plexapi needs it to start playback")
    if parts.path.rstrip("/") or parts.query or parts.fragment:
        raise ValueError("must end after the port: no path, no query")
    return f"{parts.scheme}://{parts.netloc}"


def _redis_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
        database = parts.path.strip("/")
    except ValueError:
        raise ValueError("is not a URL; an example is redis://127.0.0.1:6379/0") from None
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must start with redis://, rediss:// or unix://; an example is redis://127.0.0.1:6379/0")
    if parts.scheme != "unix":
        if not parts.hostname:
            raise ValueError("must name a host; an example is redis://127.0.0.1:6379/0")
        if database and not database.isdecimal():
            raise ValueError("must end in a database number, as in redis://127.0.0.1:6379/0")
    return text


def _plex_token(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be printable ASCII without blanks")
    return text


def _auth_tokens(text: str) -> str:
    tokens = [part.strip() for part in text.split(",")]
    for token in tokens:
        if len(token) < _MIN_TOKEN_LENGTH:
            raise ValueError(
                f"needs at least {_MIN_TOKEN_LENGTH} characters in each token; `openssl rand -hex 32` makes one"
            )
        if not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError("must be printable ASCII without blanks")
        if _WELL_KNOWN.match(token):
            raise ValueError("is a placeholder that anybody would guess; `openssl rand -hex 32` makes a token")
    return text


def _bind(text: str) -> str:
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("must be HOST:PORT, as in 127.0.0.1:8000 or [::]:8000")
    return text


def _log_level(text: str) -> str:
    level = {"WARN": "WARNING"}.get(text.upper(), text.upper())
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return level


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.lower() for part in text.split(",") if (name := part.strip()))


def _ca_file(text: str) -> str:
    if text and not Path(text).is_file():
        raise ValueError("names no file")
    return text


def _aliases(text: str) -> dict[str, str]:
    aliases: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        alias, separator, name = (piece.strip() for piece in part.partition("="))
        if not separator or not alias or not name:
            raise ValueError(
                "must be alias=player name, separated by semicolons, as in kids=Bedroom TV; tv=Living Room TV"
            )
        aliases[alias.casefold()] = name
    return aliases


_TTL = _seconds(1, 86400)
# fmt: off
OPTIONS: tuple[Option, ...] = (
    Option("PLEX_SERVER_URL", "plex_server_url", _plex_url, None, "where the Plex Media Server listens, as in http://plex.home:32400"),
    Option("PLEX_TOKEN", "plex_token", _plex_token, None, "the token that Plex gave you", secret=True),
    Option("REDIS_URL", "redis_url", _redis_url, None, "the Redis that holds the cache, as in redis://127.0.0.1:6379/0", secret=True),
    Option("AUTH_TOKEN", "auth_token", _auth_tokens, None, "the bearer token that chatbots must send; several, comma-separated, while rotating", secret=True),
    Option("BIND", "bind", _bind, "127.0.0.1:8000", "address and port to listen on"),
    Option("THREADS", "threads", _integer(16, 256), "64", "threads that answer HTTP; cached answers and probes need spare ones"),
    Option("PIN_CPU", "pin_cpu", _boolean, "false", "keep the worker on one CPU: halves the cost of a call"),
    Option("LOG_LEVEL", "log_level", _log_level, "INFO", "DEBUG, INFO, WARNING or ERROR"),
    Option("TRACE_REQUESTS", "trace_requests", _boolean, "false", "log request and answer bodies, secrets and library text removed"),
    Option("CACHE_TTL_SEARCH", "cache_ttl_search_s", _TTL, "300", "how long a search stays fresh", "s"),
    Option("CACHE_TTL_DETAILS", "cache_ttl_details_s", _TTL, "900", "how long an item's details stay fresh", "s"),
    Option("CACHE_TTL_LIBRARIES", "cache_ttl_libraries_s", _TTL, "900", "how long the list of libraries stays fresh", "s"),
    Option("CACHE_TTL_PLAYBACK", "cache_ttl_playback_s", _TTL, "30", "how long what is playing stays fresh", "s"),
    Option("CACHE_TTL_RECENTLY_ADDED", "cache_ttl_recently_added_s", _TTL, "120", "how long what was added stays fresh", "s"),
    Option("CACHE_TTL_ON_DECK", "cache_ttl_on_deck_s", _TTL, "120", "how long on deck stays fresh", "s"),
    Option("CACHE_TTL_CLIENTS", "cache_ttl_clients_s", _TTL, "30", "how long the list of players stays fresh", "s"),
    Option("CACHE_TTL_HISTORY", "cache_ttl_history_s", _TTL, "120", "how long the watch history stays fresh", "s"),
    Option("CACHE_STALE_RETENTION", "cache_stale_retention_s", _seconds(0, 2592000), "86400", "how long past its freshness an answer is kept for when Plex is down", "s"),
    Option("CACHE_L1_MAX_BYTES", "cache_l1_max_bytes", _integer(0, 1 << 30), "8388608", "memory for answers kept in the process", "bytes"),
    Option("CACHE_WARM", "cache_warm", _boolean, "true", "load libraries, recently added and on deck at start"),
    Option("REDIS_TIMEOUT", "redis_timeout_s", _seconds(0.01, 5), "0.1", "how long Redis may take", "s"),
    Option("REDIS_POOL_SIZE", "redis_pool_size", _integer(1, 256), "16", "connections to Redis"),
    Option("HEALTH_CHECK_INTERVAL", "health_check_interval_s", _seconds(1, 3600), "60", "how often Plex is asked whether it lives", "s"),
    Option("PLEX_POOL_SIZE", "plex_pool_size", _integer(1, 10), "10", "workers that talk to Plex, and connections to it"),
    Option("PLEX_CONNECT_TIMEOUT", "plex_connect_timeout_s", _seconds(0.1, 30), "2", "how long connecting to Plex may take", "s"),
    Option("PLEX_READ_TIMEOUT", "plex_read_timeout_s", _seconds(0.1, 60), "5", "how long Plex may be silent", "s"),
    Option("PLEX_CA_FILE", "plex_ca_file", _ca_file, "", "certificate authority of a Plex that has its own"),
    Option("PLEX_VERIFY_TLS", "plex_verify_tls", _boolean, "true", "false trusts any certificate: for a test, never for a home"),
    Option("CALL_SOFT_DEADLINE", "call_soft_deadline_s", _seconds(0.1, 60), "1.5", "after this a stale copy is served, if there is one", "s"),
    Option("CALL_DEADLINE", "call_deadline_s", _seconds(0.5, 120), "8", "the longest a call may take", "s"),
    Option("RETRY_ATTEMPTS", "retry_attempts", _integer(1, 10), "3", "how often a read is tried in all"),
    Option("RETRY_INITIAL", "retry_initial_s", _seconds(0.01, 30), "1", "first pause between tries; doubled each time", "s"),
    Option("RETRY_MAX", "retry_max_s", _seconds(0.01, 300), "30", "longest pause between tries", "s"),
    Option("BREAKER_THRESHOLD", "breaker_threshold", _integer(1, 100), "5", "failures of Plex in a row after which it is left alone"),
    Option("ALLOWED_HOSTS", "allowed_hosts", _names, "", "host names that clients may use, besides loopback and the bound address"),
    Option("ALLOWED_ORIGINS", "allowed_origins", _names, "", "web origins that may call, as in https://chat.example.com"),
    Option("TRUSTED_PROXIES", "trusted_proxies", _integer(0, 5), "0", "how many reverse proxies in front set X-Forwarded-*"),
    Option("RATE_LIMIT", "rate_limit_per_min", _integer(0, 1_000_000), "60000", "calls a minute for each token; 0 is off"),
    Option("METRICS_PUBLIC", "metrics_public", _boolean, "false", "serve /metrics without the bearer token"),
    Option("READ_ONLY", "read_only", _boolean, "false", "hide and refuse the tools that write"),
    Option("CLIENT_ALIASES", "client_aliases", _aliases, "", "names for players, as in kids=Bedroom TV; tv=Living Room TV"),
    Option("POD_IP", "pod_ip", str, "", "the pod's address, set by the manifests, so that Prometheus may scrape it"),
)
# fmt: on


def _faults_of_combinations(values: Mapping[str, Any]) -> Iterator[str]:
    def below(low: str, high: str, why: str) -> Iterator[str]:
        low_option, high_option = _BY_FIELD[low], _BY_FIELD[high]
        if low in values and high in values and not values[low] < values[high]:
            yield f"{low_option.name} must be below {high_option.name}: {why}."

    yield from below("call_soft_deadline_s", "call_deadline_s", "a stale copy is served before the call is given up")
    yield from below("plex_connect_timeout_s", "call_deadline_s", "connecting must leave time for the answer")
    yield from below("plex_read_timeout_s", "call_deadline_s", "a timed-out worker must be free before the call ends")
    if values.get("retry_initial_s", 0) > values.get("retry_max_s", float("inf")):
        yield "RETRY_INITIAL must not be above RETRY_MAX."


_BY_FIELD = {option.field: option for option in OPTIONS}
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
        near = difflib.get_close_matches(name, _KNOWN, n=1, cutoff=0.8)
        if name in _KNOWN or _KUBERNETES.search(name) or not (near or name.startswith(_OUR_PREFIXES)):
            continue
        warnings.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "."))
    return warnings
