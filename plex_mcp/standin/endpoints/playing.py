"""Sessions, players, the commands they take, play queues. No answer of ``/playQueues`` and no timeline poll was found
recorded: both follow Plex's documentation and their siblings."""

from plex_mcp.standin.answers import MEDIA_TAGS, Window, container, html_error, unknown_player
from plex_mcp.standin.household import Context, Route
from plex_mcp.standin.http import Link, Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.players import HANGS, PLAIN_OK, REFUSES, Player
from plex_mcp.standin.playqueues import PlayQueue
from plex_mcp.standin.sessions_xml import session_xml, timelines_xml, transcode_xml
from plex_mcp.standin.xml import document, element

_HANG_S = 120.0


def refused(context: Context) -> Response:
    """What a token that is not the owner's gets: 401 from older servers, 403 since 1.41.7."""
    return html_error(403 if context.household.version_parts >= (1, 41, 7) else 401)


def sessions(context: Context) -> Response:
    """``GET /status/sessions``."""
    if not context.is_admin:
        return refused(context)
    home = context.household
    now = home.clock()
    found = [session_xml(session, home.renderer, now) for session in home.playback.sessions()]
    return container({"size": len(found)}, found)


def terminate(context: Context) -> Response:
    """``/status/sessions/terminate``: 401 without Plex Pass, 403 without an id, 404 when there is no such session."""
    home, arguments = context.household, context.request.arguments
    if not context.is_admin:
        return html_error(403)
    if not home.plex_pass:
        return html_error(401)
    session_id = arguments.get("sessionId", "")
    if not session_id:
        return html_error(403)
    if not home.playback.terminate(session_id, arguments.get("reason", "")):
        return html_error(404)
    return Response()


def transcodes(context: Context) -> Response:
    """``GET /transcode/sessions``."""
    home = context.household
    now = home.clock()
    found = [transcode_xml(s, s.offset_ms(now)) for s in home.playback.sessions() if s.transcoding]
    return container({"size": len(found)}, found)


def clients(context: Context) -> Response:
    """``GET /clients``: the players that can be reached for remote control."""
    found = [
        element("Server", player.client_attributes())
        for player in context.household.playback.players.values()
        if player.advertised
    ]
    return container({"size": len(found)}, found)


def _target(context: Context) -> tuple[str, Player | None]:
    identifier = context.request.plex("X-Plex-Target-Client-Identifier") or ""
    player = context.household.playback.players.get(identifier)
    return identifier, player if player is not None and player.advertised else None


def resources(context: Context) -> Response:
    """``GET /resources``: proxied to the player that is addressed."""
    identifier, player = _target(context)
    if player is None:
        return unknown_player(identifier, context.household.version_parts)
    return container({"size": 1}, [element("Player", player.resource_attributes())])


def command(context: Context) -> Response:
    """``GET /player/playback/…``: carried out, then answered the way this player answers."""
    home, name = context.household, context.values["command"]
    identifier, player = _target(context)
    if player is None:
        return unknown_player(identifier, home.version_parts)
    if player.behaviour == REFUSES:
        return html_error(403)
    try:
        done = home.playback.command(player, name, context.request.arguments, context.user)
    except ValueError:
        return html_error(400)
    answer = _ok(player) if done else html_error(400)
    if player.behaviour == HANGS:
        answer.deliver = _never
    return answer


def mirror(context: Context) -> Response:
    """Navigation and mirroring: accepted, nothing to see."""
    identifier, player = _target(context)
    if player is None:
        return unknown_player(identifier, context.household.version_parts)
    return html_error(403) if player.behaviour == REFUSES else _ok(player)


def poll(context: Context) -> Response:
    """``GET /player/timeline/poll``."""
    home = context.household
    identifier, player = _target(context)
    if player is None:
        return unknown_player(identifier, home.version_parts)
    if player.behaviour == REFUSES:
        return html_error(403)
    session = home.playback.on(player)
    answer = container(
        {
            "commandID": context.request.arguments.get("commandID", "0"),
            "location": "fullScreenVideo" if session else "navigation",
            "size": 3,
        },
        timelines_xml(player, session, home.clock(), home.machine_identifier),
    )
    answer.headers["X-Plex-Client-Identifier"] = player.machine_identifier
    if player.behaviour == HANGS:
        answer.deliver = _never
    return answer


def _ok(player: Player) -> Response:
    body = document({"code": 200, "status": "OK"}, name="Response").replace(b">\n</Response>\n", b" />\n")
    answer = Response(b"OK" if player.behaviour == PLAIN_OK else body)
    if player.behaviour == PLAIN_OK:
        answer.content_type = "text/plain"
    answer.headers = {
        "X-Plex-Client-Identifier": player.machine_identifier,
        "Access-Control-Expose-Headers": "X-Plex-Client-Identifier",
    }
    return answer


def _never(link: Link, _: bytes) -> bool:
    """Say nothing until the client gives up."""
    link.pause(_HANG_S)
    return False


def _queue_answer(context: Context, queue: PlayQueue) -> Response:
    home = context.household
    window = int(context.request.arguments.get("window") or 0)
    first = max(queue.selected - window, 0) if window else 0
    last = queue.selected + window + 1 if window else len(queue.items)
    wanted = Include.of(context.request, section=True)
    entries = [
        home.renderer.item(item, context.user, wanted, entry={"playQueueItemID": queue.entry_id(n)})
        for n, item in enumerate(queue.items)
        if first <= n < last
    ]
    return container(
        {
            "size": len(entries),
            **MEDIA_TAGS,
            "playQueueID": queue.queue_id,
            "playQueueSelectedItemID": queue.entry_id(queue.selected),
            "playQueueSelectedItemOffset": queue.selected - first,
            "playQueueSelectedMetadataItemID": queue.items[queue.selected].rating_key,
            "playQueueShuffled": queue.shuffled,
            "playQueueSourceURI": queue.source_uri,
            "playQueueTotalCount": len(queue.items),
            "playQueueVersion": queue.version,
        },
        entries,
    )


def make_queue(context: Context) -> Response:
    """``POST /playQueues``."""
    queue = context.household.queues.create(context.request.arguments, context.user)
    return _queue_answer(context, queue) if queue is not None else html_error(400)


def show_queue(context: Context) -> Response:
    """``GET /playQueues/ID``."""
    number = context.values["id"]
    queue = context.household.queues.by_id.get(int(number)) if number.isdigit() else None
    return _queue_answer(context, queue) if queue is not None else html_error(404)


def history(context: Context) -> Response:
    """``GET /status/sessions/history/all``: what was watched, by whom, when; for the owner."""
    if not context.is_admin:
        return refused(context)
    home, asked = context.household, context.request.arguments
    entries = list(home.views.history)
    if asked.get("accountID"):
        entries = [e for e in entries if str(e.account_id) == asked["accountID"]]
    if asked.get("librarySectionID"):
        entries = [e for e in entries if str(e.item.section.key) == asked["librarySectionID"]]
    wanted = home.item(asked["metadataItemID"], context.user) if asked.get("metadataItemID") else None
    if asked.get("metadataItemID"):
        entries = [e for e in entries if wanted is not None and wanted in (e.item, e.item.parent, e.item.grandparent)]
    since, until = asked.get("viewedAt>", asked.get("viewedAt>>")), asked.get("viewedAt<", asked.get("viewedAt<<"))
    if since:
        entries = [e for e in entries if e.viewed_at > int(since)]
    if until:
        entries = [e for e in entries if e.viewed_at < int(until)]
    entries.sort(key=lambda e: (e.viewed_at, e.history_id), reverse=not asked.get("sort", "desc").endswith(":asc"))
    window = Window.of(context.request)
    start, size = window.reach
    page = entries[start:] if size is None else entries[start : start + size]
    shown = []
    for entry in page:
        item = entry.item
        known = home.renderer.values(item, home.owner)
        names = (
            "key",
            "ratingKey",
            "librarySectionID",
            "parentKey",
            "grandparentKey",
            "title",
            "parentTitle",
            "grandparentTitle",
            "type",
            "thumb",
            "parentThumb",
            "grandparentThumb",
            "art",
            "grandparentArt",
            "index",
            "parentIndex",
            "originallyAvailableAt",
        )
        values = {name: known.get(name) for name in names} | {"librarySectionID": item.section.key}
        kind = {"track": "Track", "photo": "Photo"}.get(item.kind, "Video")
        shown.append(
            element(
                kind,
                {
                    "historyKey": f"/status/sessions/history/{entry.history_id}",
                    **values,
                    "viewedAt": entry.viewed_at,
                    "accountID": entry.account_id,
                    "deviceID": entry.device_id,
                },
            )
        )
    return window.answer({}, shown, len(entries))


ROUTES = [
    Route("GET", "/status/sessions", sessions),
    Route("GET", "/status/sessions/terminate", terminate),
    Route("POST", "/status/sessions/terminate", terminate),
    Route("GET", "/status/sessions/history/all", history),
    Route("GET", "/transcode/sessions", transcodes),
    Route("GET", "/clients", clients),
    Route("GET", "/resources", resources),
    Route("GET", "/player/timeline/poll", poll),
    Route("GET", "/player/playback/{command}", command),
    Route("POST", "/player/playback/{command}", command),
    Route("GET", "/player/navigation/{command}", mirror),
    Route("GET", "/player/mirror/{command}", mirror),
    Route("GET", "/player/timeline/subscribe", mirror),
    Route("GET", "/player/timeline/unsubscribe", mirror),
    Route("POST", "/playQueues", make_queue),
    Route("GET", "/playQueues/{id}", show_queue),
]
