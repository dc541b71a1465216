"""The only package that imports plexapi and requests. Their exceptions become ours here.

PlexAPI reads its configuration when it is first imported: what it calls itself (else every container registers as a
new device under its MAC address), and that an empty attribute must never send a request behind one's back.
"""

import os

for _name, _value in {
    "PLEXAPI_CONFIG_PATH": os.devnull,
    "PLEXAPI_PLEXAPI_AUTORELOAD": "false",
    "PLEXAPI_PLEXAPI_ENABLE_FAST_CONNECT": "false",
    "PLEXAPI_HEADER_IDENTIFIER": "plex-mcp",
    "PLEXAPI_HEADER_PRODUCT": "plex-mcp",
    "PLEXAPI_HEADER_DEVICE": "plex-mcp",
    "PLEXAPI_HEADER_DEVICE_NAME": "plex-mcp",
    "PLEXAPI_HEADER_PLATFORM": "plex-mcp",
}.items():
    os.environ[_name] = _value
