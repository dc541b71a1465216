"""Is Plex there, is it Plex, does it take the token, and what does it show us? One step after the other."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

import requests
import urllib3

from plex_mcp.check.finding import Finding, Status
from plex_mcp.settings import Settings

OLDEST_VERSION = (1, 30)
_TOKEN_ADVICE = "Get a token as https://support.plex.tv/articles/204059436 describes and put it into PLEX_TOKEN."  # noqa: S105
_ANSWER_LIMIT_BYTES = 4 * 1024 * 1024


class _Stop(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


def findings(settings: Settings) -> Iterator[Finding]:
    """DNS, TCP, TLS, identity, version, token, libraries, players; ends at the first thing that rules out the rest."""
    parts = urlsplit(settings.plex_server_url)
    host, port = parts.hostname or "", parts.port or 0
    try:
        yield _dns(host, port)
        yield _tcp(settings, host, port)
        if parts.scheme == "https":
            yield _tls(settings, host, port)
        with _session(settings) as session:
            asker = _Asker(settings, session)
            yield from _identity(asker)
            yield from _token(asker)
            yield from _libraries(asker)
            yield from _players(asker)
    except _Stop as stop:
        yield stop.finding


def _fail(what: str, found: str, advice: str) -> _Stop:
    return _Stop(Finding(what, Status.FAIL, found, advice))


def _dns(host: str, port: int) -> Finding:
    started = time.monotonic()
    try:
        addresses = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError):
        raise _fail(
            "plex dns", f"{host} has no address", "Correct PLEX_SERVER_URL, or name the server by its address."
        ) from None
    return Finding("plex dns", Status.OK, f"{host} is {', '.join(addresses)} ({_ms(started)})")


def _tcp(settings: Settings, host: str, port: int) -> Finding:
    started = time.monotonic()
    try:
        socket.create_connection((host, port), timeout=settings.plex_connect_timeout_s).close()
    except ConnectionRefusedError:
        raise _fail(
            "plex tcp", f"{host} refuses port {port}", "Start Plex, or correct the port (Plex's is 32400)."
        ) from None
    except TimeoutError:
        advice = "Look for a firewall or NetworkPolicy in between, or raise PLEX_CONNECT_TIMEOUT."
        raise _fail("plex tcp", f"{host} port {port} does not answer", advice) from None
    except OSError:
        raise _fail("plex tcp", f"{host} cannot be reached", "Check route and address.") from None
    return Finding("plex tcp", Status.OK, f"port {port} accepts connections ({_ms(started)})")


def _tls(settings: Settings, host: str, port: int) -> Finding:
    context = ssl.create_default_context(cafile=settings.plex_ca_file or None)
    if not settings.plex_verify_tls:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=settings.plex_connect_timeout_s) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            version = secured.version() or "TLS"
    except ssl.SSLCertVerificationError as error:
        raise _fail("plex tls", _certificate_fault(error), _certificate_advice(error)) from None
    except (ssl.SSLError, OSError):
        advice = "It speaks plain HTTP or an old TLS: use http:// in PLEX_SERVER_URL, or its https port."
        raise _fail("plex tls", "the server does not complete a TLS handshake", advice) from None
    if not settings.plex_verify_tls:
        advice = "Set PLEX_VERIFY_TLS=true: whoever is in between can read the token."
        return Finding("plex tls", Status.WARN, f"{version}, certificate not verified", advice)
    return Finding("plex tls", Status.OK, f"{version}, certificate verified")


_X509_EXPIRED, _X509_HOSTNAME, _X509_ADDRESS = 10, 62, 64


def _certificate_fault(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _X509_EXPIRED:
        return "the certificate has expired"
    if error.verify_code in {_X509_HOSTNAME, _X509_ADDRESS}:
        return "the certificate is for another name"
    return "the certificate is signed by nobody we trust"


def _certificate_advice(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _X509_EXPIRED:
        return "Renew it."
    if error.verify_code in {_X509_HOSTNAME, _X509_ADDRESS}:
        return "Use the name that is in the certificate (Plex's own is of the form *.plex.direct) in PLEX_SERVER_URL."
    return "Put the certificate of its authority into a file and name that in PLEX_CA_FILE."


def _session(settings: Settings) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = settings.plex_ca_file or settings.plex_verify_tls
    if not settings.plex_verify_tls:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return session


class _Asker:
    """Plex's XML answers to GET requests, or a finding that says why there is none."""

    def __init__(self, settings: Settings, session: requests.Session) -> None:
        self._settings = settings
        self._session = session

    def get(self, what: str, path: str, *, with_token: bool = True) -> tuple[int, Element | None]:
        """Status and root element (None when the body is no XML)."""
        settings = self._settings
        headers = {"Accept": "application/xml", "X-Plex-Container-Start": "0", "X-Plex-Container-Size": "0"}
        if with_token:
            headers["X-Plex-Token"] = settings.plex_token.reveal()
        try:
            with self._session.get(
                settings.plex_server_url + path,
                headers=headers,
                timeout=(settings.plex_connect_timeout_s, settings.plex_read_timeout_s),
                allow_redirects=False,
                stream=True,
            ) as answer:
                return answer.status_code, _xml(answer.raw.read(_ANSWER_LIMIT_BYTES, decode_content=True))
        except (requests.Timeout, urllib3.exceptions.ReadTimeoutError):
            advice = "Plex is overloaded or starting; try again, or raise PLEX_READ_TIMEOUT."
            raise _fail(what, f"no answer within {settings.plex_read_timeout_s:g} s", advice) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
            advice = "Something else listens there, or it wants https://; correct PLEX_SERVER_URL."
            raise _fail(what, "the connection ends without an HTTP answer", advice) from None


def _xml(body: bytes) -> Element | None:
    from xml.etree.ElementTree import fromstring

    try:
        return fromstring(body)  # noqa: S314 - expat expands no external entities and bounds the others
    except ParseError:
        return None


def _identity(asker: _Asker) -> Iterator[Finding]:
    status, root = asker.get("plex identity", "/identity", with_token=False)
    if status in {503, 502, 504}:
        raise _fail("plex identity", f"HTTP {status}", "Plex is starting or its proxy is alone: wait and try again.")
    if status != 200 or root is None or not root.get("machineIdentifier"):
        advice = "Something else listens there: correct host and port in PLEX_SERVER_URL."
        raise _fail("plex identity", f"HTTP {status}, but not from a Plex Media Server", advice)
    shown = re.sub(r"[^\w.-]", "?", root.get("version", "unknown"))[:40]
    numbers = re.match(r"(\d+)\.(\d+)", shown)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < OLDEST_VERSION:
        wanted = ".".join(map(str, OLDEST_VERSION))
        yield Finding("plex version", Status.FAIL, f"{shown} is older than {wanted}", "Update Plex Media Server.")
    else:
        yield Finding("plex version", Status.OK, shown)


def _token(asker: _Asker) -> Iterator[Finding]:
    status, root = asker.get("plex token", "/")
    if status == 401:
        raise _fail("plex token", "Plex refuses the token (401)", _TOKEN_ADVICE)
    if status == 403:
        raise _fail("plex token", "the token may not use this server (403)", _TOKEN_ADVICE)
    if status != 200 or root is None:
        raise _fail("plex token", f"HTTP {status} instead of the server's answer", "Look into Plex's own log.")
    yield Finding("plex token", Status.OK, "Plex accepts the token")


def _libraries(asker: _Asker) -> Iterator[Finding]:
    status, root = asker.get("plex libraries", "/library/sections")
    if status != 200 or root is None:
        raise _fail("plex libraries", f"HTTP {status}", "Use a token that may see the libraries.")
    count = len(root.findall("Directory"))
    if not count:
        advice = "Share a library with the token's account, or add one in Plex."
        yield Finding("plex libraries", Status.WARN, "none is visible", advice)
    else:
        yield Finding("plex libraries", Status.OK, f"{count} visible")


def _players(asker: _Asker) -> Iterator[Finding]:
    names: set[str] = set()
    for path, wanted in (("/clients", "Server"), ("/status/sessions", "Player")):
        status, root = asker.get("plex players", path)
        if status in {401, 403} or root is None:
            advice = "Use the owner's token: no other sees who plays what, or commands players."
            yield Finding("plex players", Status.WARN, f"may not be listed (HTTP {status})", advice)
            return
        names |= {element.get("machineIdentifier", "") for element in root.iter(wanted)} - {""}
    if names:
        yield Finding("plex players", Status.OK, f"{len(names)} visible")
    else:
        advice = "Open Plex on a player, and in its settings let it be controlled."
        yield Finding("plex players", Status.WARN, "none is on, so playback cannot be controlled now", advice)


def _ms(started: float) -> str:
    return f"{(time.monotonic() - started) * 1000:.0f} ms"
