"""A Secret shows itself to `reveal()` only, and follows its file."""

from __future__ import annotations

import copy
import errno
import json
import os
import pickle
from pathlib import Path

import pytest

from plex_mcp.secret import Secret

VALUE = "canary-9f86d081884c7d65"


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{:>30}".format,
        "%s".__mod__,
        lambda secret: f"{secret!r:^40}",
        lambda secret: repr([secret]),
    ],
)
def test_printing_shows_a_mask(show: object) -> None:
    shown = show(Secret(VALUE))  # type: ignore[operator]
    assert "***" in shown
    assert "canary" not in shown


@pytest.mark.parametrize("leak", [json.dumps, pickle.dumps, copy.copy, vars])
def test_serializing_is_refused(leak: object) -> None:
    with pytest.raises(TypeError) as caught:
        leak(Secret(VALUE))  # type: ignore[operator]
    assert "canary" not in str(caught.value)


def test_reveal_tells() -> None:
    assert Secret(VALUE).reveal() == VALUE
    assert Secret(VALUE)
    assert not Secret("")


def test_a_rotated_file_is_noticed_even_with_equal_times_and_sizes(tmp_path: Path) -> None:
    """Kubernetes swaps a symbolic link; both files can have the same size and mtime."""
    for name, value in (("old", "a" * 20), ("new", "b" * 20)):
        (tmp_path / name).write_text(value)
        os.utime(tmp_path / name, ns=(1, 1))
    link = tmp_path / "token"
    link.symlink_to(tmp_path / "old")
    secret = Secret.from_file(link)
    assert secret.reveal() == "a" * 20
    swapped = tmp_path / "swapped"
    swapped.symlink_to(tmp_path / "new")
    swapped.rename(link)
    assert secret.reveal() == "b" * 20


def test_a_file_that_vanishes_keeps_its_last_value_and_is_read_again_when_it_returns(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first")
    secret = Secret.from_file(file)
    file.unlink()
    assert secret.reveal() == "first"
    file.write_text("second")
    assert secret.reveal() == "second"


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text("first")
    secret = Secret.from_file(file)
    secret.reveal()
    monkeypatch.setattr(Path, "read_text", lambda *_args, **_kwargs: pytest.fail("read again"))
    assert [secret.reveal() for _ in range(3)] == ["first"] * 3


def test_a_value_that_is_not_accepted_does_not_replace_a_good_one(tmp_path: Path) -> None:
    def accept(value: str) -> None:
        if len(value) < 5:
            raise ValueError("too short")

    file = tmp_path / "token"
    file.write_text("good-one")
    secret = Secret.from_file(file, accept=accept)
    file.write_text("bad")
    assert secret.reveal() == "good-one"
    file.write_text("good-again")
    assert secret.reveal() == "good-again"
    with pytest.raises(ValueError, match="too short"):
        Secret.from_file(_written(tmp_path / "other", "bad"), accept=accept)


def _written(file: Path, text: str) -> Path:
    file.write_text(text)
    return file


def test_a_rotation_that_could_not_be_read_is_read_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file descriptor is left at that moment: the file has changed, and will not change once more."""
    file = tmp_path / "token"
    file.write_text("first")
    secret = Secret.from_file(file)
    assert secret.reveal() == "first"
    file.write_text("second")

    def fail(*_args: object, **_kwargs: object) -> str:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", fail)
        assert secret.reveal() == "first"
    assert secret.reveal() == "second"


@pytest.mark.parametrize("bad", [b"no", b"\xff\xfe\xfd"])
def test_a_bad_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: bytes) -> None:
    def accept(value: str) -> None:
        if len(value) < 5:
            raise ValueError("too short")

    file = tmp_path / "token"
    file.write_text("good-one")
    secret = Secret.from_file(file, accept=accept)
    file.write_bytes(bad)
    assert secret.reveal() == "good-one"
    monkeypatch.setattr(Path, "read_text", lambda *_args, **_kwargs: pytest.fail("read again"))
    assert secret.reveal() == "good-one"
