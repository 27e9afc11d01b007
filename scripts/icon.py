#!/usr/bin/env python3
"""Draws the icon of the plugin and of the bundle: the nine cells of the segmentation grid, as a heat map.

Usage: scripts/icon.py OUT.png   needs Python 3 and nothing else; draws the same pixels each time.
"""

import struct
import sys
import zlib

SIZE = 512
BACKGROUND = (0x12, 0x23, 0x3F)
# From the top row (high ARR) down, from low to high strategic value: the tier of each cell gives its colour.
COLOURS = {"high": (0xF2, 0x6B, 0x4E), "mid": (0xF6, 0xB2, 0x4A), "tech": (0x4F, 0xB3, 0xA5), "plg": (0x8F, 0xB8, 0xD8)}
GRID = [["mid", "mid", "high"], ["tech", "mid", "high"], ["plg", "tech", "mid"]]
MARGIN, GAP = 84, 22
CELL = (SIZE - 2 * MARGIN - 2 * GAP) / 3


def coverage(x: float, y: float, left: float, top: float, side: float, radius: float) -> float:
    """How much of the pixel at x, y lies in a square with round corners: 0 to 1."""
    half = side / 2
    dx = max(abs(x - left - half) - half + radius, 0)
    dy = max(abs(y - top - half) - half + radius, 0)
    return min(max(radius - (dx * dx + dy * dy) ** 0.5 + 0.5, 0), 1)


def pixel(column: int, row: int) -> bytes:
    x, y = column + 0.5, row + 0.5
    colour = BACKGROUND
    for i, line in enumerate(GRID):
        for j, tier in enumerate(line):
            inside = coverage(x, y, MARGIN + j * (CELL + GAP), MARGIN + i * (CELL + GAP), CELL, 18)
            colour = tuple(a + (b - a) * inside for a, b in zip(colour, COLOURS[tier]))
    alpha = coverage(x, y, 0, 0, SIZE, 104)
    return bytes([*(round(c) for c in colour), round(255 * alpha)])


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    rows = b"".join(b"\0" + b"".join(pixel(column, row) for column in range(SIZE)) for row in range(SIZE))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    with open(sys.argv[1], "wb") as file:
        file.write(png)
    return 0


if __name__ == "__main__":
    sys.exit(main())
