"""What web/intake decides from bytes alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plex_mcp.web.intake import BODY_LIMIT_BYTES, HEAD_LIMIT_BYTES, Intake, Unacceptable

GET = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;name=value\r\nlo\r\n0\r\nTrailer: x\r\n\r\n"
)
PLAIN_CHUNKED = b"POST /mcp HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n"
REQUESTS = [GET, POST, CHUNKED, PLAIN_CHUNKED]


def fed(data: bytes) -> Intake:
    intake = Intake()
    intake.feed(data)
    return intake


@pytest.mark.parametrize("request_bytes", REQUESTS)
def test_a_whole_request_comes_out_as_it_went_in(request_bytes: bytes) -> None:
    assert fed(request_bytes).take() == request_bytes


@pytest.mark.parametrize("request_bytes", REQUESTS)
def test_a_request_comes_out_at_its_last_byte_and_not_before(request_bytes: bytes) -> None:
    intake = Intake()
    for position in range(len(request_bytes)):
        assert intake.take() is None, request_bytes[:position]
        intake.feed(request_bytes[position : position + 1])
    assert intake.take() == request_bytes
    assert len(intake) == 0


@given(st.lists(st.sampled_from(REQUESTS), max_size=6), st.lists(st.integers(1, 60), min_size=1, max_size=20))
def test_requests_sent_ahead_come_out_one_by_one_however_they_were_cut(requests: list[bytes], cuts: list[int]) -> None:
    stream, intake, taken, at = b"".join(requests), Intake(), [], 0
    while at < len(stream):
        size = cuts[at % len(cuts)]
        intake.feed(stream[at : at + size])
        at += size
        while (request := intake.take()) is not None:
            taken.append(request)
    assert taken == requests


@given(st.binary(max_size=2000))
def test_any_bytes_are_waited_for_taken_or_refused(data: bytes) -> None:
    intake, taken, status = fed(data), b"", 0
    try:
        while (request := intake.take()) is not None:
            assert b"\r\n\r\n" in request
            taken += request
    except Unacceptable as refusal:
        status = refusal.status
    assert status in {0, 400, 413, 431}
    assert len(taken) + len(intake) <= len(data)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (BODY_LIMIT_BYTES + 1), 413),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 9000 + b"\r\n\r\n", 413),
        (b"GET /" + b"a" * HEAD_LIMIT_BYTES + b" HTTP/1.1\r\n", 431),
        (b"GET / HTTP/1.1\r\nCookie: " + b"a" * HEAD_LIMIT_BYTES + b"\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % (BODY_LIMIT_BYTES + 1), 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * (BODY_LIMIT_BYTES // 5), 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 300, 400),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value),
)
def test_what_is_too_large_or_no_chunk_is_refused_without_waiting_for_more(data: bytes, status: int) -> None:
    with pytest.raises(Unacceptable) as caught:
        fed(data).take()
    assert caught.value.status == status


def test_leading_zeros_do_not_hide_a_length() -> None:
    request = b"POST / HTTP/1.1\r\nContent-Length: 00000000000000000005\r\n\r\nhello"
    assert fed(request[:-1]).take() is None
    assert fed(request).take() == request


def test_a_client_that_waits_for_continue_is_noticed_and_the_header_is_taken_out() -> None:
    intake = fed(b"POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n")
    assert intake.take() is None
    assert intake.continue_wanted
    intake.feed(b"hello")
    assert intake.take() == b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
    assert not intake.continue_wanted


def test_blank_lines_before_a_request_are_skipped() -> None:
    assert fed(b"\r\n\r\n" + GET).take() == GET
