"""No network while a cassette plays: whoever tries is told so, at once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from unittest import mock


class NetworkBlocked(AssertionError):
    """Something wanted out although everything it needs is on the cassette."""


@contextmanager
def blocked() -> Iterator[list[str]]:
    """Refuse every name look-up, connection and datagram of this process; yields the list of attempts."""
    attempts: list[str] = []

    def refuse(what: str) -> Any:
        def refusing(*arguments: Any, **_: Any) -> NoReturn:
            attempts.append(f"{what} {arguments[1:] or arguments}")
            raise NetworkBlocked(attempts[-1])

        return refusing

    with (
        mock.patch.object(socket.socket, "connect", refuse("connect")),
        mock.patch.object(socket.socket, "connect_ex", refuse("connect_ex")),
        mock.patch.object(socket.socket, "sendto", refuse("sendto")),
        mock.patch.object(socket, "getaddrinfo", refuse("getaddrinfo")),
    ):
        yield attempts
