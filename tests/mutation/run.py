"""`make mutate`: break each line of `plex_mcp/calls` in every way that mutmut knows; mypy or a unit test must notice.

    python -m tests.mutation.run [--seconds N] [--again]

`--again` leaves those dead that were and tries the others, and all of changed functions: for work on the survivors.
What survives must stand in survivors.toml, with why no test can tell; fails on any other, and on one there that is
dead.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
KNOWN = Path(__file__).with_name("survivors.toml")
PACKAGE = Path("plex_mcp/calls")
NO_TESTS = 33
DEAD = {"killed": "killed by tests", "timeout": "killed by tests", "caught by type check": "refused by mypy"}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=3600, help="the most that it may take")
    parser.add_argument("--again", action="store_true", help="only what survived the last run, or was not reached")
    given = parser.parse_args()
    if not given.again:
        shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    forget_survivors()
    in_time = mutate(given.seconds)
    status = report()
    if not in_time:
        _say(f"Not finished within {given.seconds} s.")
    return status if in_time else 1


def forget_survivors() -> None:
    for path in (ROOT / "mutants" / PACKAGE).glob("*.meta"):
        data = json.loads(path.read_text())
        codes = data["exit_code_by_key"]
        data["exit_code_by_key"] = {name: None if code in {0, NO_TESTS} else code for name, code in codes.items()}
        path.write_text(json.dumps(data))


def mutate(seconds: int) -> bool:
    """Whether it came to its end in time."""
    tools = Path(sys.executable).parent
    environ = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    command = [tools / "mutmut", "run", "--max-children", "2"]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, start_new_session=True) as running:
        try:
            shown, _ = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            return False
    if running.returncode:
        sys.stdout.buffer.write(shown)
        sys.exit(running.returncode)
    return True


def report() -> int:
    """Print what became of the mutants; the exit status."""
    known = {
        mutant: each["why"] for each in tomllib.loads(KNOWN.read_text())["equivalent"] for mutant in each["mutants"]
    }
    figures: Counter[str] = Counter()
    alive: dict[str, str] = {}
    for name, status, path in results():
        figures["mutants"] += 1
        figures[DEAD.get(status, status)] += 1
        if status not in DEAD:
            alive[change(name, path)] = f"{name}: {status}"
    for mutant, name in sorted(alive.items()):
        _say(f"{'equivalent' if mutant in known else 'SURVIVED'}  {mutant}   [{name}]")
    _say(", ".join(f"{count} {what}" for what, count in figures.items()))
    unnamed = alive.keys() - known.keys()
    gone = known.keys() - alive.keys()
    for mutant in sorted(gone):
        _say(f"no survivor any more, take it out of {KNOWN.name}: {mutant}")
    _say(f"{len(alive) - len(unnamed)} of the survivors are named in {KNOWN.name}, {len(unnamed)} are not")
    return 1 if unnamed or gone else 0


def results() -> Iterator[tuple[str, str, Path]]:
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.stats import status_by_exit_code

    for path in sorted(PACKAGE.glob("*.py")):
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            yield name, status_by_exit_code[code], path


def change(name: str, path: Path) -> str:
    """The mutant in words that last longer than its number: function, line as it was, line as it is."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant
    from mutmut.utils.format_utils import orig_function_and_class_names_from_key

    function, owner = orig_function_and_class_names_from_key(name)
    lines = get_diff_for_mutant(name, path=path).splitlines()[2:]
    was, now = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return f"{path.stem}.{owner + '.' if owner else ''}{function}: {was} → {now}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
