"""A demonstration conversation through the official MCP client: every tool once, the answers shown readably."""

from __future__ import annotations

import asyncio
import json
import shutil
import textwrap
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from plex_mcp.quickstart import say, shade

_SHOWN_ITEMS = 5
_INDENT = " " * 5
_WIDEST, _NARROWEST = 160, 60
Answer = dict[str, Any]


def converse(url: str, token: str, *, only_read: bool) -> bool:
    """Hold the conversation and print it. True only if every call was answered, and answered right.

    `only_read`: somebody's own household. Control goes as `dry_run`, nothing is marked, nobody's film is paused.
    """
    return asyncio.run(_converse(url, token, only_read=only_read))


@asynccontextmanager
async def connect(url: str, token: str, *, mode: str = "auto") -> AsyncIterator[Client]:
    """The official client with the bearer token; `mode` is auto, legacy or a protocol version."""
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False)
    async with http, Client(streamable_http_client(url, http_client=http), mode=mode) as client:
        yield client


@dataclass
class _Talk:
    client: Client
    tools: frozenset[str]
    wrong: list[str] = field(default_factory=list)

    async def ask(self, words: str, tool: str, *, refusal_is_right: bool = False, **arguments: Any) -> Answer:
        """One question and its answer; {} when it failed."""
        if tool not in self.tools:
            return {}
        say(shade(f"You: {words}", 1))
        say(f"{_INDENT}{shade(f'→ {tool}', 36)} {json.dumps(arguments, ensure_ascii=False)}")
        result = await self.client.call_tool(tool, arguments)
        if result.is_error:
            error = json.loads(result.content[0].text)["error"]  # type: ignore[union-attr]
            say(f"{_INDENT}{shade(error['code'], 31)}: {error['message']} {error.get('suggestion', '')}\n")
            if not refusal_is_right:
                self.wrong.append(tool)
            return {}
        answer: Answer = result.structured_content or {}
        for line in lines_of(answer):
            say(f"{_INDENT}{line}")
        say("")
        return answer

    def expect(self, truth: object, what: str) -> None:
        if not truth:
            say(f"{_INDENT}Wrong: {what}\n")
            self.wrong.append(what)


async def _converse(url: str, token: str, *, only_read: bool) -> bool:
    async with connect(url, token) as client:
        listed = await client.list_tools()
        talk = _Talk(client, frozenset(tool.name for tool in listed.tools))
        say(f"Connected: MCP {client.protocol_version}, {len(talk.tools)} tools\n")
        libraries = await talk.ask("What is on the server?", "list_libraries")
        added = await talk.ask("What did we add this month?", "get_recently_added", days=30, limit=5)
        if only_read:
            await _only_read(talk, added)
        else:
            talk.expect(libraries.get("items"), "no libraries")
            talk.expect(added.get("items"), "nothing was added")
            await _whole(talk)
    if talk.wrong:
        say(f"Not right: {', '.join(talk.wrong)}")
    return not talk.wrong


async def _only_read(talk: _Talk, added: Answer) -> None:
    item: Answer = next(iter(added.get("items", [])), {})
    title = item.get("show") or item.get("title")
    if title:
        await talk.ask(f"Have we got {title}?", "search_media", query=title, limit=3)
        await talk.ask("Tell me more about the newest.", "get_media_details", media_id=item["media_id"])
    await talk.ask("What was I watching?", "get_on_deck", limit=5)
    await talk.ask("Who is watching now?", "get_playback_status")
    clients = await talk.ask("What can I play on?", "list_clients")
    await talk.ask("What did we watch lately?", "get_watch_history", limit=5)
    player = next((client["name"] for client in clients.get("items", []) if client.get("controllable")), None)
    where = {"client": player} if player else {}
    await talk.ask(
        "What would pausing do?", "control_playback", refusal_is_right=True, action="pause", dry_run=True, **where
    )


async def _whole(talk: _Talk) -> None:
    found = await talk.ask(
        "Something under two hours we haven't seen?",
        "search_media",
        media_type="movie",
        watched="unwatched",
        max_minutes=120,
    )
    talk.expect(found.get("items"), "no film found")
    film = found["items"][0]["media_id"] if found.get("items") else "0"
    details = await talk.ask("Tell me more about the first.", "get_media_details", media_id=film)
    talk.expect(details.get("media_id") == film, "details of another film")
    await talk.ask("What was I watching?", "get_on_deck", limit=5)
    await talk.ask("Who is watching now?", "get_playback_status")
    clients = await talk.ask("What can I play on?", "list_clients")
    player = next(
        (client["name"] for client in clients.get("items", []) if client.get("controllable")), "Living Room TV"
    )
    shows = await talk.ask("Which shows are there?", "search_media", media_type="show", sort="title", limit=3)
    show = shows["items"][0]["media_id"] if shows.get("items") else "0"
    await talk.ask(
        f"Play the latest episode of the first on {player}.",
        "control_playback", action="play", media_id=show, episode="latest", client=player,
    )  # fmt: skip
    status = await talk.ask(f"What is on in {player}?", "get_playback_status", client=player)
    talk.expect([one for one in status.get("items", []) if one.get("state") == "playing"], f"nothing plays on {player}")
    await talk.ask("Pause it.", "control_playback", action="pause", client=player)
    await talk.ask("Mark that film as watched.", "set_watch_state", media_id=film, state="watched")
    await talk.ask("What did we watch lately?", "get_watch_history", limit=5)


def lines_of(answer: Mapping[str, Any]) -> list[str]:
    """An answer as short lines for a person: the items one a line, then the rest; none wider than the terminal."""
    columns = shutil.get_terminal_size((_WIDEST, 0)).columns
    room = max(_NARROWEST, min(_WIDEST, columns)) - len(_INDENT)
    lines = []
    for name, value in answer.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"• {_one_line(item, room - 2)}" for item in value[:_SHOWN_ITEMS]]
            if len(value) > _SHOWN_ITEMS:
                lines.append(f"  … and {len(value) - _SHOWN_ITEMS} more")
        elif isinstance(value, dict):
            lines.append(f"{name}: {_one_line(value, room - len(name) - 2)}")
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            lines += textwrap.wrap(f"{name}: {text}", room, subsequent_indent="  ")
    return lines


def _one_line(item: Mapping[str, Any], room: int) -> str:
    """What names it first, then the rest, cut between words and visibly; the id last, in brackets."""
    ids = [f"  [{value}]" for key, value in item.items() if key.endswith("_id")][:1]
    return textwrap.shorten(_told(item), room - len("".join(ids)), placeholder=" …") + "".join(ids)


def _told(item: Mapping[str, Any]) -> str:
    name = item.get("title") or item.get("name") or item.get("user") or ""
    year = f" ({item['year']})" if "year" in item else ""
    shown = [f"{name}{year}"] if name else []
    for key, value in item.items():
        if key in {"title", "name", "year"} or value == name or key.endswith("_id"):
            continue
        if isinstance(value, dict):
            shown.append(f"{key}: {_told(value)}")
        elif isinstance(value, list):
            if value and not isinstance(value[0], dict):
                shown.append(f"{key} {', '.join(map(str, value))}")
        elif value is True:
            shown.append(key)
        else:
            shown.append(str(value) if key in {"type", "state"} else f"{key} {value}")
    return ", ".join(shown)
