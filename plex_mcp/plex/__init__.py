"""The only package that imports plexapi and requests. Their exceptions become ours here.

PlexAPI reads its configuration when it is first imported: what it calls itself (else every container registers as a
new device under its MAC address), and that an empty attribute must never send a request behind one's back.
"""

import os

from plex_mcp.bare import import_bare

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

# requests guesses the character set of answers that name none; Plex names it. 1.4 MiB (measured) until one does not.
_guesser = import_bare("charset_normalizer")
if not hasattr(_guesser, "__version__"):  # which requests looks at
    from charset_normalizer.version import __version__ as _version

    vars(_guesser)["__version__"] = _version
