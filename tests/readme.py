"""Writes the generated sections of README.md: `make readme`. The tests compare; nothing else edits between the markers.

A section stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`. Figures come from the results of one run
of `make bench`, tests/bench/results.json; where a case was not measured in it, the section says so.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plex_mcp.prompts._catalogue import load_prompts
from plex_mcp.resources._catalogue import load_resources
from plex_mcp.telemetry.reference import log_events_table, metrics_table, settings_table
from plex_mcp.tools._catalogue import load_tools
from plex_mcp.tools._readme import catalogue_table
from tests.bench.table import table
from tests.demo.record import CAST, printed
from tests.supply_chain import licences_table

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BENCH = ROOT / "tests" / "bench"
NOT_MEASURED = "Figures: not measured in the last run of `make bench`."
# For each tool the recorded behaviour that shows it best.
EXAMPLES = {
    "control_playback": "plays_the_next_episode_of_a_show",
    "get_media_details": "tells_about_an_episode",
    "get_on_deck": "lists_movies_alone",
    "get_playback_status": "tells_what_one_player_plays",
    "get_recently_added": "lists_new_albums",
    "get_watch_history": "tells_when_a_movie_was_seen",
    "list_clients": "tells_aliases",
    "list_libraries": "lists_all",
    "search_media": "finds_an_episode_by_its_number",
    "set_watch_state": "marks_a_movie_watched",
}
_LONGEST_EXAMPLE = 600


def examples() -> str:
    """One recorded call of each tool with its answer, as the chatbot gets it."""
    parts = []
    for tool, behaviour in EXAMPLES.items():
        recorded = json.loads((ROOT / "cassettes" / tool / f"{behaviour}.json").read_text(encoding="utf-8"))
        answer = json.dumps(recorded["answer"], ensure_ascii=False)
        if len(answer) > _LONGEST_EXAMPLE:
            answer = answer[:_LONGEST_EXAMPLE] + " …"
        call = json.dumps(recorded["arguments"], ensure_ascii=False)
        parts.append(f"**`{tool}`** `{call}`\n\n```json\n{answer}\n```\n")
    return "\n".join(parts)


def prompts_and_resources() -> str:
    """The prompts with their arguments, and the resources, a row each."""
    rows = ["| prompt or resource | what it gives |", "|---|---|"]
    for prompt in load_prompts().values():
        given = ", ".join(f"**{each.name}**" if each.required else each.name for each in prompt.arguments)
        rows.append(f"| `{prompt.name}`{f' ({given})' if given else ''} | {prompt.description} |")
    rows += [f"| `{resource.uri}` | {resource.description} |" for resource in load_resources().values()]
    return "\n".join(rows)


def demo() -> str:
    """How the recorded demonstration begins, and one exchange of it."""
    shown = printed(CAST.read_text(encoding="utf-8"))
    beginning = shown.partition("\nTalking to it")[0]
    exchange = next(part for part in shown.split("\n\n") if '"episode": "latest"' in part)
    return f"```text\n{beginning}\n…\n\n{exchange}\n```"


def results(path: Path = BENCH / "results.json") -> dict[str, Any]:
    """What the last run of `make bench` measured; {} when there is none."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def speed(found: dict[str, Any]) -> str:
    """The picture, and every figure beside what it must reach."""
    if not found:
        return NOT_MEASURED
    plot = "![Bars: plex-mcp beside other servers](tests/bench/results.svg)\n\n"
    return f"{plot}<details><summary>Every figure</summary>\n\n{table(found).strip()}\n\n</details>"


def figures(found: dict[str, Any], case: str, head: str, unit: str = "") -> str:
    """One flat case, label and number a row."""
    measured = {what: value for what, value in found.get(case, {}).items() if isinstance(value, int | float)}
    if not measured:
        return NOT_MEASURED
    rows = [
        f"| {head} | measured |",
        "|---|---|",
        *(f"| {what} | {value:.10g}{unit} |" for what, value in measured.items()),
    ]
    about = found["about"]
    return "\n".join(rows) + f"\n\nBy `make bench`, commit {about['commit']}, {about['date']}, {about['cpus']} CPUs."


SECTIONS: dict[str, Callable[[], str]] = {
    "demo": demo,
    "tools": lambda: catalogue_table(load_tools()),
    "prompts and resources": prompts_and_resources,
    "examples": examples,
    "settings": settings_table,
    "trouble": lambda: figures(results(), "trouble", "one client, median of a call", " ms"),
    "metrics": metrics_table,
    "log events": log_events_table,
    "replicas": lambda: figures(results(), "replicas", "two replicas, one Redis"),
    "speed": lambda: speed(results()),
    "licences": licences_table,
}


def with_sections(text: str) -> str:
    """The README with every generated section as it should be. Raise KeyError when one has lost its markers."""
    for name, build in SECTIONS.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if not pattern.search(text):
            raise KeyError(name)
        section = f"{begin}\n{build().strip()}\n{end}"
        text = pattern.sub(lambda _match, section=section: section, text)
    return text


if __name__ == "__main__":
    README.write_text(with_sections(README.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write("README.md is up to date\n")
