"""Log lines reach the stream whole and in order, without their writers waiting for it."""

from __future__ import annotations

import errno
import io
import os
import threading

import pytest

from plex_mcp.telemetry.sink import BatchingStream


class GatedStream(io.StringIO):
    """A standard error whose reader has stopped, until the gate opens."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.written = threading.Event()

    def write(self, text: str) -> int:
        assert self.gate.wait(5)
        count = super().write(text)
        self.written.set()
        return count


def test_a_writer_never_waits_for_the_stream() -> None:
    stream = GatedStream()
    sink = BatchingStream(stream)
    for number in range(100):
        sink.write(f"{number}\n")
    assert stream.getvalue() == ""
    stream.gate.set()
    assert stream.written.wait(5)
    sink.drain()
    assert stream.getvalue() == "".join(f"{number}\n" for number in range(100))


def test_what_nobody_reads_is_bounded_and_the_newest_lines_stay() -> None:
    stream = GatedStream()
    sink = BatchingStream(stream)
    for number in range(12_000):
        sink.write(f"{number}\n")
    stream.gate.set()
    sink.drain()
    lines = stream.getvalue().splitlines()
    assert len(lines) <= 12_000
    assert lines[-1] == "11999"


def test_lines_of_many_threads_arrive_once_each() -> None:
    stream = io.StringIO()
    sink = BatchingStream(stream)
    threads = [
        threading.Thread(target=lambda start=start: [sink.write(f"{start + n}\n") for n in range(500)])
        for start in range(0, 4000, 500)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sink.drain()
    assert sorted(map(int, stream.getvalue().split())) == list(range(4000))


class FailingStream(io.StringIO):
    """A disk that is full, or a pipe nobody empties, as long as `error` is set; `tried` counts."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error: Exception | None = error
        self.tried = threading.Semaphore(0)
        self.tries = 0

    def write(self, text: str) -> int:
        try:
            self.tries += 1
            if self.error is not None:
                raise self.error
            return super().write(text)
        finally:
            self.tried.release()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EAGAIN, errno.EIO, errno.EPIPE])
def test_logging_goes_on_after_a_stream_has_failed(number: int) -> None:
    stream = FailingStream(OSError(number, os.strerror(number)))
    sink = BatchingStream(stream)
    for _ in range(3):
        sink.write("lost\n")
        assert stream.tried.acquire(timeout=5)
    assert stream.tries == 3, "once for each that came, without trying on"
    stream.error = None
    sink.write("kept\n")
    assert stream.tried.acquire(timeout=5)
    sink.drain()
    assert stream.getvalue() == "kept\n"


def test_logging_ends_with_its_stream() -> None:
    stream = FailingStream(ValueError("I/O operation on closed file."))
    before = set(threading.enumerate())
    sink = BatchingStream(stream)
    (thread,) = set(threading.enumerate()) - before
    stream.close()
    sink.write("lost\n")
    thread.join(5)
    assert not thread.is_alive()
