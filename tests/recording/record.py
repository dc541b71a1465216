"""`make record`: every behaviour of every tool, from the stand-in, or from a real server when one is set.

Each is recorded through the pool of ten, scrubbed, checked for leaks, played back, compared with the live answer, and
only then put in place of the old cassette. With PLEX_SERVER_URL and PLEX_TOKEN set a real server is recorded:
nothing is written to it unless RECORD_WRITES=true, and a report says what names the stand-in lacks.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from plex_mcp.calls.pool import WorkerPool
from plex_mcp.tools._catalogue import load_tools
from tests.recording import canaries, tape
from tests.recording.behaviour import Behaviour, all_behaviours, untrue
from tests.recording.call import call, environment
from tests.recording.clock import standing_at
from tests.recording.leaks import leaks_in_file
from tests.recording.names import Names, lacking, names_in, union
from tests.recording.places import NotHere, Real, Sampled
from tests.recording.scrub import Scrubber
from tests.recording.snapshot import Snapshot, replay

_THREADS = 10


@dataclass(frozen=True)
class Report:
    """What became of one behaviour: `skipped` says why there is no recording, `faults` why there may be none."""

    tool: str
    behaviour: str
    requests: int = 0
    skipped: str = ""
    faults: Sequence[str] = ()
    names: Names = field(default_factory=dict, repr=False)

    def line(self) -> str:
        """For the terminal."""
        what = f"{self.tool}/{self.behaviour}"
        if self.skipped:
            return f"  skipped   {what}: {self.skipped}"
        if self.faults:
            return "\n".join([f"  FAILED    {what}", *(f"            {fault}" for fault in self.faults)])
        return f"  recorded  {what} ({self.requests} requests)"


def record_one(source: Sampled | Real, pool: WorkerPool, tool: str, behaviour: Behaviour, folder: Path) -> Report:
    """Record one behaviour into `folder`; the old cassette stays unless the new one is right."""
    try:
        return _record(source, pool, tool, behaviour, folder)
    except NotHere as reason:
        return Report(tool, behaviour.name, skipped=str(reason))
    except Exception as error:  # the others are recorded all the same
        return Report(tool, behaviour.name, faults=[f"{type(error).__name__}: {error}"])


def _record(source: Sampled | Real, pool: WorkerPool, tool: str, behaviour: Behaviour, folder: Path) -> Report:
    with tempfile.TemporaryDirectory() as scratch:
        with source.place(behaviour) as place:
            arguments, settings = place.resolved(behaviour.arguments), place.resolved(behaviour.settings)
            private = [*place.private(behaviour.arguments), *place.private(behaviour.settings)]
            recording = tape.blank()
            environ = environment(place.url, place.token, settings)
            live = call(pool, tool, arguments, environ, recording, prepare=place.prepare)
        # A real server's items are its own; whether there is an answer is not. Without one nothing can be replayed.
        code, right = live.answer.get("error", {}).get("code"), behaviour.truth.get("error.code")
        if code != right:
            return Report(tool, behaviour.name, faults=[f"answers {code or 'well'}, not {right or 'well'}"])
        scrubber = Scrubber(place.url, tape.PLEX_URL, secrets=((place.token, "token"), *place.secrets, *private))
        file = tape.path_of(tool, behaviour.name, Path(scratch))
        tape.save(recording, file, scrubber, recorded_from=place.recorded_from, recorded_at_s=place.recorded_at_s)
        arguments, settings = scrubber.value(arguments), scrubber.value(settings)
        again = replay(pool, tool, file, arguments, settings)
        Snapshot(arguments, settings, again.played.answer, again.played.images).write(file.with_suffix(".json"))
        known = {*scrubber.everywhere, *place.known}
        faults = [*again.faults, *leaks_in_file(file, known), *leaks_in_file(file.with_suffix(".json"), known)]
        if again.played.answer != scrubber.value(live.answer):
            faults.append(
                f"the replay answers {again.played.answer!r}, Plex's answer gave {scrubber.value(live.answer)!r}"
            )
        if isinstance(source, Sampled):
            faults += [f"untrue: {fault}" for fault in untrue(again.played.answer, behaviour.truth)]
        names = names_in(response["body"]["string"] for _, response in recording.data)
        if not faults:
            target = tape.path_of(tool, behaviour.name, folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            for made in (file, file.with_suffix(".json")):
                shutil.copyfile(made, target.with_suffix(made.suffix))
        return Report(tool, behaviour.name, len(recording), faults=faults, names=names)


def record(
    source: Sampled | Real, wanted: Sequence[tuple[str, Behaviour]], folder: Path, *, at_once: int = _THREADS
) -> list[Report]:
    """Record behaviours into a folder, those that only read at once, those that write one after the other."""
    load_tools()  # before time stands still: modules that are loaded later would go on
    pool = WorkerPool(_THREADS)
    try:
        with canaries.planted() if isinstance(source, Sampled) else nullcontext(), standing_at(source.at_s):
            alone = [entry for entry in wanted if entry[1].writes and isinstance(source, Real)]
            together = [entry for entry in wanted if entry not in alone]
            with ThreadPoolExecutor(at_once) as threads:
                reports = list(threads.map(lambda one: record_one(source, pool, *one, folder), together))
            return reports + [record_one(source, pool, *one, folder) for one in alone]
    finally:
        pool.close()


def missing_names(real: Sequence[Report], wanted: Sequence[tuple[str, Behaviour]], kept: Names) -> list[str]:
    """What the real server sent and the stand-in does not: neither for the same calls nor in `kept`."""
    shown = {(report.tool, report.behaviour) for report in real if report.names}
    with tempfile.TemporaryDirectory() as scratch:
        sampled = record(Sampled(), [(tool, b) for tool, b in wanted if (tool, b.name) in shown], Path(scratch))
    return lacking(union(report.names for report in real), union([kept, *(report.names for report in sampled)]))


def names_of_standin(folder: Path) -> Names:
    """What the cassettes recorded from the stand-in hold."""
    cassettes = [tape.load(file) for file in folder.glob("*/*.yaml")]
    return union(
        names_in(response["body"]["string"] for response in cassette.responses)
        for cassette in cassettes
        if str(cassette.get_metadata("recorded_from", "")).startswith("standin")
    )


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """0 when all that could be recorded is; 1 when something was not right, or did not replay as it was."""
    parser = argparse.ArgumentParser(prog="make record", description=__doc__)
    parser.add_argument("only", nargs="*", help="a tool, or tool/behaviour; all without")
    parser.add_argument("--to", type=Path, default=tape.FOLDER, help="where the cassettes go")
    parser.add_argument("--check", action="store_true", help="change nothing; say which cassettes would be others")
    options = parser.parse_args(arguments)
    wanted = [
        (tool, b) for tool, b in all_behaviours() if not options.only or {tool, f"{tool}/{b.name}"} & set(options.only)
    ]
    if not wanted:
        say(f"There is no tool and no behaviour called {' or '.join(options.only)}.")
        return 1
    if options.check:
        return check(wanted, options.to)
    url, token = environ.get("PLEX_SERVER_URL", ""), environ.get("PLEX_TOKEN", "")
    if bool(url) != bool(token):
        say("PLEX_SERVER_URL and PLEX_TOKEN go together: set both for a real server, neither for the stand-in.")
        return 1
    try:
        writes = environ.get("RECORD_WRITES", "").lower() == "true"
        source = Real(url, token, writes=writes) if url else Sampled()
    except NotHere as reason:
        say(f"{reason}.")
        return 1
    # Read before recordings of the real server take the place of those of the stand-in.
    kept = names_of_standin(tape.FOLDER) if isinstance(source, Real) else {}
    say(f"Recording {len(wanted)} behaviours from {source.recorded_from} …")
    reports = record(source, wanted, options.to)
    for report in reports:
        say(report.line())
    failed = sum(bool(report.faults) for report in reports)
    skipped = sum(bool(report.skipped) for report in reports)
    say(f"{len(reports) - failed - skipped} recorded, {skipped} skipped, {failed} failed.")
    if isinstance(source, Real):
        lines = missing_names(reports, wanted, kept)
        say(f"\nNames that {source.recorded_from} sends and the stand-in does not: {len(lines) or 'none'}")
        for line in lines:
            say(f"  {line}")
    return 1 if failed else 0


def check(wanted: Sequence[tuple[str, Behaviour]], folder: Path) -> int:
    """0 when recording from the stand-in would change nothing; those recorded from a real server do not count."""
    with tempfile.TemporaryDirectory() as scratch:
        record(Sampled(), wanted, Path(scratch))
        others = []
        for tool, behaviour in wanted:
            file = tape.path_of(tool, behaviour.name, folder)
            fresh = tape.path_of(tool, behaviour.name, Path(scratch))
            if file.is_file() and str(tape.load(file).get_metadata("recorded_from", "")).startswith("pms"):
                continue
            pairs = [(file, fresh), (file.with_suffix(".json"), fresh.with_suffix(".json"))]
            if not all(old.is_file() and new.is_file() and old.read_bytes() == new.read_bytes() for old, new in pairs):
                others.append(f"{tool}/{behaviour.name}")
    for name in others:
        say(f"  would change  {name}")
    say(
        f"{len(others)} of {len(wanted)} cassettes would change"
        + ("; make record, and look at why." if others else ".")
    )
    return 1 if others else 0


def say(text: str) -> None:
    """A line for the maintainer, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
