"""The same answer from the official SDK's own server, stateless and as JSON: `python peer_sdk.py PORT ANSWER.json`."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

from mcp.server.mcpserver import MCPServer

ANSWER: dict[str, Any] = json.loads(Path(sys.argv[2]).read_text())
server = MCPServer("bench", log_level="WARNING")


@server.tool()
def search_media(media_type: str, limit: int = 20, year_min: int | None = None) -> dict[str, Any]:
    """Search movies."""
    return ANSWER


if __name__ == "__main__":
    logging.getLogger("uvicorn.access").disabled = True
    server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]), json_response=True, stateless_http=True)
