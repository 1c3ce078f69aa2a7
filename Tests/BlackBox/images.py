"""Small images, written by hand: each as its format says, or wrong in one way."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 64, height: int = 64, *, color: bytes = b"\x20\x60\xc0",
        says: tuple[int, int] | None = None, extra: bytes = b"") -> bytes:
    """An image of one colour; one that says another size, or has another chunk in front."""
    rows = (b"\0" + color * width) * height
    header = struct.pack(">IIBBBBB", *(says or (width, height)), 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def chunk(kind: bytes, content: bytes) -> bytes:
    return (struct.pack(">I", len(content)) + kind + content
            + struct.pack(">I", zlib.crc32(kind + content)))


def moving_png() -> bytes:
    return png(extra=chunk(b"acTL", struct.pack(">II", 2, 0)))


def jpeg(width: int = 64, height: int = 64) -> bytes:
    """The headers of an image, which is all that anybody reads who does not draw it."""
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0"
    return b"\xff\xd8" + app + frame + b"\xff\xd9"


def webp(width: int = 64, height: int = 64, *, moves: bool = False) -> bytes:
    content = (b"VP8X" + struct.pack("<I", 10) + bytes([0x02 if moves else 0, 0, 0, 0])
               + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))
    return b"RIFF" + struct.pack("<I", 4 + len(content)) + b"WEBP" + content
