"""Posters drawn by arithmetic: real PNG files, different for each item, the same each time."""

import struct
import zlib
from functools import lru_cache

MAX_SIDE = 1200


@lru_cache(maxsize=256)
def poster(number: int, width: int, height: int) -> bytes:
    """A PNG of a sunset over hills whose colours and slopes follow from the number."""
    width, height = max(1, min(width, MAX_SIDE)), max(1, min(height, MAX_SIDE))
    seed = number * 2654435761 % 2**32
    sky = ((seed >> 16) & 127, (seed >> 8) & 127, 96 + (seed & 127))
    land = (40 + (seed >> 3 & 63), 60 + (seed >> 9 & 63), 30 + (seed >> 5 & 31))
    palette = [tuple(min(255, channel + step * 9) for channel in sky) for step in range(15)] + [land]
    rows = []
    slope, base = (seed >> 4) % 5 - 2, 60 + seed % 20
    for y in range(height):
        shade = min(14, y * 15 // height)
        row = bytearray([shade]) * width
        edge = (y * 100 // height - base) * width // 40
        if edge > 0:
            start = 0 if slope >= 0 else max(width - edge, 0)
            row[start : min(start + edge, width)] = bytes([15]) * (min(start + edge, width) - start)
        rows.append(b"\0" + bytes(row))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", b"".join(bytes(colour) for colour in palette)),
            _chunk(b"IDAT", zlib.compress(b"".join(rows), 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
