"""Keys, the bytes in Redis, and the marks on answers."""

from __future__ import annotations

import json
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from plex_mcp.calls import entry
from plex_mcp.calls.entry import CorruptEntry, Packed, build_key, mark_stale, pack, server_identity, unpack, with_as_of
from plex_mcp.calls.outcome import CallOutcome
from plex_mcp.tools._tool import Image

NOW = 1_800_000_000.0


def packed(**changed: object) -> Packed:
    return Packed(**{"stored_at": NOW, "ttl_s": 60.0, "content": b'{"total":1}', "images": (), **changed})  # type: ignore[arg-type]


@given(
    st.floats(0, NOW),
    st.floats(0, 1e6),
    st.binary(max_size=200),
    st.lists(st.tuples(st.binary(max_size=50), st.sampled_from(["image/png", "image/jpeg"])), max_size=3),
)
def test_what_is_packed_comes_back(
    stored_at: float, ttl_s: float, content: bytes, images: list[tuple[bytes, str]]
) -> None:
    before = Packed(stored_at, ttl_s, content, tuple(Image(*image) for image in images))
    assert unpack(pack(before), now=NOW) == before


@given(st.data())
def test_no_change_of_a_byte_goes_unnoticed(data: st.DataObject) -> None:
    stored = bytearray(pack(packed(images=(Image(b"123", "image/png"),))))
    at = data.draw(st.integers(0, len(stored) - 1))
    stored[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CorruptEntry):
        unpack(bytes(stored), now=NOW)


@given(st.binary(max_size=100))
def test_foreign_bytes_are_corrupt_and_nothing_else(stored: bytes) -> None:
    with pytest.raises(CorruptEntry):
        unpack(stored, now=NOW)


def test_cut_bytes_are_corrupt() -> None:
    whole = pack(packed())
    for length in range(len(whole)):
        with pytest.raises(CorruptEntry):
            unpack(whole[:length], now=NOW)


def forged(stored_at: float, ttl_s: float, length: int, count: int, rest: bytes) -> bytes:
    """A right checksum over wrong figures."""
    inner = struct.pack(">ddIH", stored_at, ttl_s, length, count) + rest
    return struct.pack(">4sHI", b"PMCP", entry.SCHEMA, entry.zlib.crc32(inner)) + inner


@pytest.mark.parametrize(
    ("stored", "check"),
    [
        (forged(NOW, 60, 2, 0, b"{} "), "range"),
        (forged(NOW, 60, 9, 0, b"{}"), "range"),
        (forged(NOW, 60, 2, 1, b"{}"), "shape"),
        (forged(NOW, 60, 2, 1, b"{}" + struct.pack(">HI", 2, 0) + b"\xff\xfe"), "shape"),
        (forged(float("nan"), 60, 2, 0, b"{}"), "range"),
        (forged(NOW, float("inf"), 2, 0, b"{}"), "range"),
    ],
)
def test_a_right_checksum_does_not_make_an_entry(stored: bytes, check: str) -> None:
    with pytest.raises(CorruptEntry) as found:
        unpack(stored, now=NOW)
    assert str(found.value) == check


def test_an_entry_of_another_schema_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = pack(packed())
    monkeypatch.setattr(entry, "SCHEMA", entry.SCHEMA + 1)
    with pytest.raises(CorruptEntry) as found:
        unpack(stored, now=NOW)
    assert str(found.value) == "schema"


def test_the_log_tells_what_is_wrong_with_corrupt_bytes() -> None:
    for stored, check in ((b"PMCQ" + pack(packed())[4:], "schema"), (pack(packed())[:-1] + b"?", "crc")):
        with pytest.raises(CorruptEntry) as found:
            unpack(stored, now=NOW)
        assert str(found.value) == check


def test_an_entry_from_the_future_is_corrupt_but_for_a_minute_of_clock_skew() -> None:
    assert unpack(pack(packed(stored_at=NOW + 60)), now=NOW).stored_at == NOW + 60
    with pytest.raises(CorruptEntry, match="range"):
        unpack(pack(packed(stored_at=NOW + 60.001)), now=NOW)


def test_an_entry_is_fresh_before_its_ttl_ends_and_kept_before_its_retention_does() -> None:
    one = entry.Entry(NOW, 60.0, 100.0, NOW, CallOutcome(b"", b"", "miss"))
    assert [one.is_fresh(NOW + age_s) for age_s in (59.99, 60.0)] == [True, False]
    assert [one.is_kept(NOW + age_s) for age_s in (159.99, 160.0)] == [True, False]


def test_a_key_does_not_depend_on_the_order_of_arguments() -> None:
    assert build_key("s", "t", {"a": 1, "b": [1, 2]}) == build_key("s", "t", {"b": [1, 2], "a": 1})


def test_a_key_tells_apart_what_differs() -> None:
    keys = [
        build_key("s", "t", {"a": 1}),
        build_key("s", "t", {"a": 2}),
        build_key("s", "t", {"b": 1}),
        build_key("s", "u", {"a": 1}),
        build_key("r", "t", {"a": 1}),
        build_key("s", "t", {"a": ["x,y"]}),
        build_key("s", "t", {"a": ["x", "y"]}),
        build_key("s", "t", {"a": {"x": "y"}}),
        build_key("s", "t", {"a": {"x": "z"}}),
        build_key("s", "t", {"a": "1"}),
        build_key("s", "t", {"a": None}),
        build_key("s", "t", {"a": "\ud800"}),
    ]
    assert len(set(keys)) == len(keys)
    assert len({key.redis_name() for key in keys}) == len(keys)


def test_the_name_in_redis_is_the_same_in_every_process() -> None:
    name = build_key("s", "t", {"b": ["x"], "a": 1}).redis_name()
    assert name == "plex-mcp:{1:s:t}:" + entry.hashlib.sha256(b'[["a",1],["b",["x"]]]').hexdigest()[:40]
    name = build_key("s", "t", {"a": "é"}).redis_name()
    assert name == "plex-mcp:{1:s:t}:" + entry.hashlib.sha256('[["a","é"]]'.encode()).hexdigest()[:40]


def test_an_answer_and_what_outdates_it_are_asked_for_in_one_slot_of_a_cluster() -> None:
    """A cluster hashes what stands between the first braces, and refuses an MGET of two slots."""
    key = build_key("s", "t", {"a": "} {"})
    assert key.outdated_name() == "plex-mcp:{1:s:t}:outdated"
    assert len({key_slot(name.encode()) for name in (key.redis_name(), key.outdated_name())}) == 1


def test_the_server_is_who_and_where_and_its_hash_shows_no_token() -> None:
    same = server_identity("http://Plex.home:32400/", "token-value")
    assert same == server_identity("http://plex.home:32400", "token-value")
    assert same != server_identity("http://plex.home:32400", "other-token")
    assert "token" not in same
    assert same == entry.hashlib.sha256(b"http://plex.home:32400\0token-value").hexdigest()[:16]
    assert server_identity("http://boX", "t") != server_identity("http://bo", "t")


def test_as_of_is_spliced_in_as_parsing_would_put_it() -> None:
    at = 1_800_000_000.9
    assert json.loads(with_as_of(b'{"total":1}', at)) == {"total": 1, "as_of": "2027-01-15T08:00:00Z"}
    assert json.loads(with_as_of(b"{}", at)) == {"as_of": "2027-01-15T08:00:00Z"}


def test_times_are_utc_wherever_the_server_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert entry.iso_utc(NOW) == "2027-01-15T08:00:00Z"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_size_of_an_answer_counts_its_pictures() -> None:
    made = CallOutcome(b"12345", b"123", "miss")
    plain, rich = (
        entry.Entry(NOW, 60.0, 100.0, NOW, made, images) for images in ((), (Image(b"1234567", "image/png"),) * 2)
    )
    assert (plain.size_bytes(), rich.size_bytes()) == (1508, 1522)


def test_a_stale_mark_keeps_the_note_that_was_there() -> None:
    content = {"as_of": "2027-01-15T08:00:00Z", "note": "Only films."}
    mark_stale(content, "Plex is slow")
    assert content == {
        "as_of": "2027-01-15T08:00:00Z",
        "stale": True,
        "note": "Only films. Plex is slow; this is a copy from 2027-01-15T08:00:00Z and may be out of date.",
    }


def test_a_lone_surrogate_does_not_stop_an_answer() -> None:
    assert entry.to_bytes({"title": "a\ud800b"}) == b'{"title":"a?b"}'
