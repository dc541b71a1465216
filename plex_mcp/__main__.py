"""`python -m plex_mcp` is `plex-mcp`."""

import sys

from plex_mcp.cli import main

sys.exit(main())
