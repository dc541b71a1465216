"""Play queues. No answer was found recorded: they follow Plex's documentation and their siblings."""

from plex_mcp.standin.answers import container, html_error, number
from plex_mcp.standin.containers import MEDIA
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.playqueues import PlayQueue


def make(context: Context) -> Response:
    """``POST /playQueues``."""
    queue = context.household.queues.create(context.request.arguments, context.user)
    return _answer(context, queue) if queue is not None else html_error(400)


def show(context: Context) -> Response:
    """``GET /playQueues/ID``."""
    queue = context.household.queues.by_id.get(number(context.values["id"]) or 0)
    return _answer(context, queue) if queue is not None else html_error(404)


def _answer(context: Context, queue: PlayQueue) -> Response:
    """The entries around the selected one: ``window`` on each side, all when it is not given."""
    home, window = context.household, number(context.request.arguments.get("window"))
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
            **MEDIA,
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


ROUTES = [
    Route("POST", "/playQueues", make),
    Route("GET", "/playQueues/{id}", show),
]
