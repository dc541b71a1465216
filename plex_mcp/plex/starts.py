"""Plans for starting something new: a play queue is made on the server, and the player is told to fetch it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from plex_mcp.errors import PlexBadAnswer
from plex_mcp.plex.client import PlexClient, require_id
from plex_mcp.plex.companion import remote_control
from plex_mcp.plex.models import LIBRARY_PROVIDER
from plex_mcp.plex.plans import Order, Plan, session_on
from plex_mcp.plex.players import Target
from plex_mcp.plex.selection import Selection, select
from plex_mcp.plex.sessions import Session

_START_SLACK_MS = 10_000


def plan_start(plex: PlexClient, order: Order, target: Target) -> Plan:
    """`play` with an item. Reads the item (see `select`); sending takes three requests: queue, token, command."""
    player = target.player
    chosen = select(plex, order.media_id or "", episode=order.episode, shuffle=order.shuffle, position_s=order.position)
    queued: list[str] = []  # the queue's first item, known once Plex has made it

    def send() -> None:
        remote = remote_control(plex, player)
        queue_id, first_id = _make_queue(plex, chosen)
        queued.append(first_id)
        remote.play_queue(queue_id, f"/library/metadata/{first_id}", offset_ms=chosen.offset_ms, kind=chosen.kind)

    def shows(sessions: Sequence[Session]) -> bool:
        now = session_on(sessions, player)
        if now is None or now.media_id not in queued or now.shown.state not in {"playing", "buffering"}:
            return False
        before = target.session
        same = before is not None and (before.session_key, before.media_id) == (now.session_key, now.media_id)
        # Where the same thing played already, only a move to the right place shows that it was started again.
        return not same or abs(now.position_ms - chosen.offset_ms) <= _START_SLACK_MS

    way = " shuffled" if chosen.shuffle else f" from {chosen.offset_ms // 1000} s" if chosen.offset_ms else ""
    instead = f", in place of {target.session.shown.item.named()}" if target.session else ""
    return Plan(
        player=player,
        session=target.session,
        doing=f"play {chosen.item.named()}{way} on {player.name}{instead}",
        send=send,
        shows=shows,
        item=chosen.item,
        note=chosen.note,
        doubt=unreachable_address(plex.settings.plex_server_url),
    )


def unreachable_address(url: str) -> str | None:
    """A warning when players in the house can hardly reach Plex at the address that they are told."""
    host = urlsplit(url).hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost" or host.endswith(".localhost")
    if loopback:
        return (
            f"The player is told to fetch from {host}, as in PLEX_SERVER_URL, and there it finds only itself: "
            "PLEX_SERVER_URL must be Plex's address in the home network."
        )
    if "." not in host and ":" not in host:
        return (
            f'The player is told to fetch from "{host}", as in PLEX_SERVER_URL; a name inside a container network '
            "means nothing to it."
        )
    return None


def _make_queue(plex: PlexClient, chosen: Selection) -> tuple[str, str]:
    """Have Plex make the queue; its id and the id of the item that it begins with (one request)."""
    arguments = {
        "type": chosen.queue_type,
        "uri": f"server://{plex.server.machineIdentifier}/{LIBRARY_PROVIDER}{chosen.key}",
        "shuffle": int(chosen.shuffle),
        "repeat": 0,
        "continuous": int(chosen.continuous),
        "includeChapters": 1,
        "includeRelated": 1,
    }
    if chosen.start_id is not None:
        arguments["key"] = chosen.key
    if chosen.playlist_id is not None:
        arguments["playlistID"] = chosen.playlist_id
    queue = plex.query(f"/playQueues?{urlencode(arguments)}", method="post", endpoint="/playQueues")
    queue_id = queue.get("playQueueID", "")
    first = queue.get("playQueueSelectedMetadataItemID") or next((element.get("ratingKey") for element in queue), "")
    if not queue_id.isdecimal() or not first:
        raise PlexBadAnswer("Plex made no play queue of it.", endpoint="/playQueues")
    return queue_id, str(require_id(first))
