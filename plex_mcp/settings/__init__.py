"""The settings: environment variables only, read once, every fault found before any is reported. A leaf.

`options` holds the table, `parsers` what turns text into values, `names` what to say about misspelt names. Every secret
has a `_FILE` twin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plex_mcp.errors import SettingsError
from plex_mcp.secret import Secret
from plex_mcp.settings.names import unknown_names
from plex_mcp.settings.options import OPTIONS, Fault, Option

__all__ = ["EXIT_CONFIG", "OPTIONS", "Option", "Settings", "unknown_names"]

EXIT_CONFIG = 78
"""sysexits.h EX_CONFIG: what the process ends with when the settings are at fault."""


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
            except Fault as fault:
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


_BY_FIELD = {option.field: option for option in OPTIONS}


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
