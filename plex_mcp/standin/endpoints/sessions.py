"""What is being played, and stopping it from the server's side."""

from plex_mcp.standin.answers import container, html_error
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.sessions_xml import session_xml, transcode_xml


def sessions(context: Context) -> Response:
    """``GET /status/sessions``: 401 from older servers for those who are not the owner, 403 since 1.41.7."""
    home = context.household
    context.require_owner(home.status_for_others)
    now = home.clock()
    found = [session_xml(session, home.renderer, now) for session in home.playback.sessions()]
    return container({"size": len(found)}, found)


def terminate(context: Context) -> Response:
    """``/status/sessions/terminate``: 401 without Plex Pass, 403 without an id, 404 when there is no such session."""
    home, arguments = context.household, context.request.arguments
    context.require_owner()
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


ROUTES = [
    Route("GET", "/status/sessions", sessions),
    Route("GET", "/status/sessions/terminate", terminate),
    Route("POST", "/status/sessions/terminate", terminate),
    Route("GET", "/transcode/sessions", transcodes),
]
