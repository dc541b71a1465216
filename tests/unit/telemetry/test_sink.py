"""Log lines reach the stream whole and in order, without their writers waiting for it."""

from __future__ import annotations

import io
import threading

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
