"""The one table of settings, from which validation, the README's section and the ConfigMap's keys derive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plex_mcp.secret import Secret
from plex_mcp.settings import parsers


class Fault(Exception):
    """One thing wrong with one setting, as a sentence."""


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
        """Whether there is no default."""
        return self.default is None

    @property
    def allowed(self) -> str:
        """What it may be, in words; empty where `purpose` says it all."""
        return getattr(self.parse, "allowed", "")

    def read(self, environ: Mapping[str, str]) -> Any:
        """The value in `environ`, or the default. Raise Fault."""
        text = environ.get(self.name, "").strip()
        file_name = environ.get(f"{self.name}_FILE", "").strip() if self.secret else ""
        if text and file_name:
            raise Fault(f"{self.name} and {self.name}_FILE are both set; keep one.")
        if file_name:
            return self._read_file(file_name)
        if not text:
            if self.default is None:
                twin = f" (or {self.name}_FILE)" if self.secret else ""
                raise Fault(f"{self.name}{twin} is required: {self.purpose}.")
            text = self.default
        return self._parsed(text)

    def _read_file(self, file_name: str) -> Secret:
        try:
            secret = Secret.from_file(file_name, accept=self.parse)
        except (OSError, UnicodeDecodeError) as error:
            raise Fault(f"{self.name}_FILE cannot be read ({type(error).__name__}).") from None
        except ValueError as error:
            raise Fault(f"{self.name} (in its file) {error}.") from None
        if not secret:
            raise Fault(f"{self.name}_FILE names an empty file.")
        return secret

    def _parsed(self, text: str) -> Any:
        try:
            value = self.parse(text)
        except ValueError as error:
            raise Fault(f"{self.name} {error}.") from None
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


_TTL = parsers.seconds(1, 86400)
# fmt: off
OPTIONS: tuple[Option, ...] = (
    Option("PLEX_SERVER_URL", "plex_server_url", parsers.plex_url, None, "where the Plex Media Server listens, as in http://plex.home:32400"),
    Option("PLEX_TOKEN", "plex_token", parsers.plex_token, None, "the token that Plex gave you", secret=True),
    Option("REDIS_URL", "redis_url", parsers.redis_url, None, "the Redis that holds the cache, as in redis://127.0.0.1:6379/0", secret=True),
    Option("AUTH_TOKEN", "auth_token", parsers.auth_tokens, None, "the bearer token that chatbots must send; several, comma-separated, while rotating", secret=True),
    Option("BIND", "bind", parsers.bind, "127.0.0.1:8000", "address and port to listen on"),
    Option("THREADS", "threads", parsers.integer(16, 256), "64", "threads that answer HTTP; cached answers and probes need spare ones"),
    Option("PIN_CPU", "pin_cpu", parsers.boolean, "false", "keep the worker on one CPU: halves the cost of a call"),
    Option("LOG_LEVEL", "log_level", parsers.log_level, "INFO", "DEBUG, INFO, WARNING or ERROR"),
    Option("TRACE_REQUESTS", "trace_requests", parsers.boolean, "false", "log request and answer bodies, secrets and library text removed"),
    Option("CACHE_TTL_SEARCH", "cache_ttl_search_s", _TTL, "300", "how long a search stays fresh", "s"),
    Option("CACHE_TTL_DETAILS", "cache_ttl_details_s", _TTL, "900", "how long an item's details stay fresh", "s"),
    Option("CACHE_TTL_LIBRARIES", "cache_ttl_libraries_s", _TTL, "900", "how long the list of libraries stays fresh", "s"),
    Option("CACHE_TTL_PLAYBACK", "cache_ttl_playback_s", _TTL, "30", "how long what is playing stays fresh", "s"),
    Option("CACHE_TTL_RECENTLY_ADDED", "cache_ttl_recently_added_s", _TTL, "120", "how long what was added stays fresh", "s"),
    Option("CACHE_TTL_ON_DECK", "cache_ttl_on_deck_s", _TTL, "120", "how long on deck stays fresh", "s"),
    Option("CACHE_TTL_CLIENTS", "cache_ttl_clients_s", _TTL, "30", "how long the list of players stays fresh", "s"),
    Option("CACHE_TTL_HISTORY", "cache_ttl_history_s", _TTL, "120", "how long the watch history stays fresh", "s"),
    Option("CACHE_STALE_RETENTION", "cache_stale_retention_s", parsers.seconds(0, 2592000), "86400", "how long past its freshness an answer is kept for when Plex is down", "s"),
    Option("CACHE_L1_MAX_BYTES", "cache_l1_max_bytes", parsers.integer(0, 1 << 30), "8388608", "memory for answers kept in the process", "bytes"),
    Option("CACHE_WARM", "cache_warm", parsers.boolean, "true", "load libraries, recently added and on deck at start"),
    Option("REDIS_TIMEOUT", "redis_timeout_s", parsers.seconds(0.01, 5), "0.1", "how long Redis may take", "s"),
    Option("REDIS_POOL_SIZE", "redis_pool_size", parsers.integer(1, 256), "16", "connections to Redis"),
    Option("HEALTH_CHECK_INTERVAL", "health_check_interval_s", parsers.seconds(1, 3600), "60", "how often Plex is asked whether it lives", "s"),
    Option("PLEX_POOL_SIZE", "plex_pool_size", parsers.integer(1, 10), "10", "workers that talk to Plex, and connections to it"),
    Option("PLEX_CONNECT_TIMEOUT", "plex_connect_timeout_s", parsers.seconds(0.1, 30), "2", "how long connecting to Plex may take", "s"),
    Option("PLEX_READ_TIMEOUT", "plex_read_timeout_s", parsers.seconds(0.1, 60), "5", "how long Plex may be silent", "s"),
    Option("PLEX_CA_FILE", "plex_ca_file", parsers.ca_file, "", "certificate authority of a Plex that has its own"),
    Option("PLEX_VERIFY_TLS", "plex_verify_tls", parsers.boolean, "true", "false trusts any certificate: for a test, never for a home"),
    Option("CALL_SOFT_DEADLINE", "call_soft_deadline_s", parsers.seconds(0.1, 60), "1.5", "after this a stale copy is served, if there is one", "s"),
    Option("CALL_DEADLINE", "call_deadline_s", parsers.seconds(0.5, 120), "8", "the longest a call may take", "s"),
    Option("RETRY_ATTEMPTS", "retry_attempts", parsers.integer(1, 10), "3", "how often a read is tried in all"),
    Option("RETRY_INITIAL", "retry_initial_s", parsers.seconds(0.01, 30), "1", "first pause between tries; doubled each time", "s"),
    Option("RETRY_MAX", "retry_max_s", parsers.seconds(0.01, 300), "30", "longest pause between tries", "s"),
    Option("BREAKER_THRESHOLD", "breaker_threshold", parsers.integer(1, 100), "5", "failures of Plex in a row after which it is left alone"),
    Option("ALLOWED_HOSTS", "allowed_hosts", parsers.host_names, "", "host names that clients may use, besides loopback and the bound address"),
    Option("ALLOWED_ORIGINS", "allowed_origins", parsers.origins, "", "web origins that may call, as in https://chat.example.com"),
    Option("TRUSTED_PROXIES", "trusted_proxies", parsers.integer(0, 5), "0", "how many reverse proxies in front set X-Forwarded-*"),
    Option("RATE_LIMIT", "rate_limit_per_min", parsers.integer(0, 1_000_000), "60000", "calls a minute for each token; 0 is off"),
    Option("METRICS_PUBLIC", "metrics_public", parsers.boolean, "false", "serve /metrics without the bearer token"),
    Option("READ_ONLY", "read_only", parsers.boolean, "false", "hide and refuse the tools that write"),
    Option("CLIENT_ALIASES", "client_aliases", parsers.aliases, "", "names for players, as in kids=Bedroom TV; tv=Living Room TV"),
    Option("POD_IP", "pod_ip", parsers.address, "", "the pod's address, set by the manifests, so that Prometheus may scrape it"),
)
# fmt: on
