"""A Redis of a few lines, for what is said to it and what its faults cost."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

from plex_mcp.calls.redis_store import RedisStore
from tests.fakes import Clock, settings

Reply = Callable[[list[bytes]], bytes | None]


class LittleRedis:
    """Answers MGET, SET and PING, or what `reply` makes of a command: None leaves it unanswered, no bytes hang up.

    `commands` leaves out the PING that redis-py sends over a new connection.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.named: list[str | None] = []
        self._tls = tls
        if tls is not None:
            tls.sni_callback = lambda _sock, name, _context: self.named.append(name)
        self.held: dict[bytes, bytes] = {}
        self.commands: list[list[bytes]] = []
        self.connections = 0
        self.ended = threading.Semaphore(0)
        self.reply: Reply = self._obey
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _obey(self, command: list[bytes]) -> bytes:
        match command:
            case [b"MGET", *names]:
                found = [self.held.get(name) for name in names]
                bulks = [b"$-1\r\n" if one is None else b"$%d\r\n%s\r\n" % (len(one), one) for one in found]
                return b"*%d\r\n%s" % (len(found), b"".join(bulks))
            case [b"SET", name, value, b"PX", _]:
                self.held[name] = value
                return b"+OK\r\n"
            case [b"PING"]:
                return b"+PONG\r\n"
        return b"-ERR what is that\r\n"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            if self._tls is not None:
                client = self._tls.wrap_socket(client, server_side=True)
            with client.makefile("rb") as stream:
                while count := stream.readline():
                    command = []
                    for _ in range(int(count[1:])):
                        length = int(stream.readline()[1:])
                        command.append(stream.read(length + 2)[:-2])
                    if command != [b"PING"]:
                        self.commands.append(command)
                    answer = self.reply(command)
                    if answer == b"":
                        break
                    client.sendall(answer or b"")
        except OSError:
            pass
        finally:
            client.close()
            self.ended.release()


class Lost:
    """Counts how often it was told that Redis is lost."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def store_for(url: str, **changed: str) -> RedisStore:
    return RedisStore(settings(REDIS_URL=url, **{"REDIS_TIMEOUT": "5", **changed}), clock=Clock(), on_lost=Lost())
