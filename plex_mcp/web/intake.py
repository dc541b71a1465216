"""The bytes of one connection until a whole request is there. No sockets, no gunicorn.

It decides when enough has been gathered, not what is valid: gunicorn's parser judges the request afterwards, and finds
all of it in memory.
"""

from __future__ import annotations

import re

HEAD_LIMIT_BYTES = 16 * 1024
BODY_LIMIT_BYTES = 256 * 1024
"""The largest request body that is read, here and in web/guard; MCP calls of this server take about 1 kB."""

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)[ \t]*\r\n")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*\bchunked\b")
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"([0-9a-f]{1,8})[ \t]*(?:;[^\r\n]*)?", re.IGNORECASE)
_CHUNK_LINE_LIMIT_BYTES = 256


class Unacceptable(Exception):
    """The request is answered with `status` without being read further."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status)
        self.status = status
        self.reason = reason


class Intake:
    """Feed bytes in, take whole requests out. Requests sent ahead of the answer wait here."""

    __slots__ = ("_body_start", "_body_wanted", "_buffer", "_chunk_at", "_searched", "_trailer_at", "continue_wanted")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._begin()

    def _begin(self) -> None:
        self._searched = 0
        self._body_start = 0  # 0 while the head is incomplete
        self._body_wanted: int | None = None  # None: chunked
        self._chunk_at = 0
        self._trailer_at = 0
        self.continue_wanted = False

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Add what was received."""
        self._buffer += data

    def take(self) -> bytes | None:
        """The next whole request, or None while bytes are missing. Raise Unacceptable for what will not be read."""
        if not self._body_start and not self._find_head():
            return None
        end = self._chunks_end() if self._body_wanted is None else self._body_start + self._body_wanted
        if not end or len(self._buffer) < end:
            return None
        request = bytes(self._buffer[:end])
        if self.continue_wanted:
            # The client was told to continue, or did not wait: gunicorn need not tell it again.
            head, rest = request[: self._body_start], request[self._body_start :]
            request = _EXPECT.sub(b"", head) + rest
        del self._buffer[:end]
        self._begin()
        return request

    def _find_head(self) -> bool:
        if not self._searched:
            while self._buffer.startswith(b"\r\n"):  # RFC 9112 section 2.2: blank lines before the request line
                del self._buffer[:2]
        found = self._buffer.find(_HEAD_END, self._searched)
        if (found if found >= 0 else len(self._buffer)) > HEAD_LIMIT_BYTES:
            raise Unacceptable(431, "too_large")
        if found < 0:
            self._searched = max(0, len(self._buffer) - len(_HEAD_END) + 1)
            return False
        head = bytes(self._buffer[: found + len(_HEAD_END)]).lower()
        self._body_start = len(head)
        self._body_wanted = 0
        if b"transfer-encoding:" in head and _CHUNKED.search(head):
            self._body_wanted = None
            self._chunk_at = self._body_start
        elif match := _LENGTH.search(head):
            digits = match[1].lstrip(b"0")
            if len(digits) > 9 or int(digits or b"0") > BODY_LIMIT_BYTES:
                raise Unacceptable(413, "too_large")
            self._body_wanted = int(digits or b"0")
        self.continue_wanted = b"100-continue" in head and bool(_EXPECT.search(head))
        return True

    def _chunks_end(self) -> int:
        """Where a chunked body ends; 0 while it does not."""
        buffer = self._buffer
        if len(buffer) - self._body_start > BODY_LIMIT_BYTES:
            raise Unacceptable(413, "too_large")
        while not self._trailer_at:
            line_end = buffer.find(b"\r\n", self._chunk_at)
            if line_end < 0:
                if len(buffer) - self._chunk_at > _CHUNK_LINE_LIMIT_BYTES:
                    raise Unacceptable(400, "malformed")
                return 0
            match = _CHUNK_SIZE.fullmatch(buffer, self._chunk_at, line_end)
            if match is None:
                raise Unacceptable(400, "malformed")
            size = int(match[1], 16)
            if size > BODY_LIMIT_BYTES:
                raise Unacceptable(413, "too_large")
            if size == 0:
                self._trailer_at = line_end  # the blank line that ends the trailers may follow at once
            else:
                next_at = line_end + 2 + size + 2
                if next_at > len(buffer):
                    return 0
                self._chunk_at = next_at
        end = buffer.find(_HEAD_END, self._trailer_at)
        return end + len(_HEAD_END) if end >= 0 else 0
