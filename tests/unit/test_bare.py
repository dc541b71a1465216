"""A package that was imported without being run behaves as ever once somebody asks it for something."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plex_mcp.bare import import_bare


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    folder = tmp_path / "sample_of_bare"
    folder.mkdir()
    (folder / "__init__.py").write_text("import time\ntime.sleep(0.05)\nfrom sample_of_bare import heavy\nvalue = 5\n")
    (folder / "heavy.py").write_text("weight = 1\n")
    (folder / "light.py").write_text("weight = 0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "sample_of_bare"
    for name in [known for known in sys.modules if known.split(".")[0] == "sample_of_bare"]:
        del sys.modules[name]


def test_a_module_of_it_comes_without_the_others(package: str) -> None:
    import_bare(package)
    from sample_of_bare.light import weight  # type: ignore[import-not-found]

    assert weight == 0
    assert "sample_of_bare.heavy" not in sys.modules


def test_asking_it_for_its_own_runs_it_once_for_all_threads(package: str) -> None:
    bare = import_bare(package)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(bare.value)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [5] * 8
    assert "sample_of_bare.heavy" in sys.modules
    with pytest.raises(AttributeError):
        _ = bare.nothing


def test_an_imported_package_is_left_as_it_is(package: str) -> None:
    imported = __import__(package)
    assert import_bare(package) is imported
    assert not hasattr(imported, "__getattr__")


def test_what_is_not_installed_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        import_bare("no_such_package_anywhere")


def test_redis_still_gives_its_client_to_who_wants_it() -> None:
    code = "import plex_mcp.calls, redis; print(redis.Redis.__name__, redis.asyncio.Redis.__name__)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["Redis", "Redis"]
