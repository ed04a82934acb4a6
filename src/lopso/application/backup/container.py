"""The frames inside a backup, before compression and encryption.

A frame is one byte of kind, four of length (big endian) and the payload: JSON, or rows as ``COPY … TO``
writes them in text format, whole rows only.

HEADER  once: format, revision, when the snapshot was taken, the application's secret
TABLE   name and columns of the table whose rows follow
ROWS    any number
SUM     number of rows and checksum of the table
END     once: the last values of sequences; nothing follows
"""

import json
import struct
import zlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal, Protocol

from lopso.application.backup.errors import BackupDamaged

FORMAT = 1

FrameKind = Literal[b"H", b"T", b"R", b"S", b"E"]
HEADER: FrameKind = b"H"
TABLE: FrameKind = b"T"
ROWS: FrameKind = b"R"
SUM: FrameKind = b"S"
END: FrameKind = b"E"

BackupFrames = Iterator[tuple[bytes, bytes]]
"""Kind and payload of frame after frame."""

_HEAD = struct.Struct(">cI")
_LARGEST = 64 * 1024 * 1024  # bytes of a payload; ours are far smaller
_READ = 64 * 1024  # bytes, as much as age authenticates together
_GZIP = 31  # zlib's word for a gzip stream


class Readable(Protocol):
    """What bytes are read from; fewer than asked for only at the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself. `secret` is the application's; never print it."""

    revision: str
    taken_at: datetime
    secret: str

    def __repr__(self) -> str:
        return f"Header(revision={self.revision!r}, taken_at={self.taken_at!r}, secret=…)"

    def frame(self) -> bytes:
        """The header as a frame."""
        return json_frame(
            HEADER,
            {
                "format": FORMAT,
                "revision": self.revision,
                "taken_at": self.taken_at.isoformat(),
                "secret": self.secret,
            },
        )


@dataclass(frozen=True, slots=True)
class TableSum:
    """Number and checksum of a table's rows, whatever their order."""

    rows: int = 0
    checksum: int = 0

    def add(self, rows: bytes) -> "TableSum":
        """With these rows, each ended by a line feed, as ``COPY`` writes them."""
        count, total = self.rows, self.checksum
        for row in rows.split(b"\n")[:-1]:
            count += 1
            total += int.from_bytes(blake2b(row, digest_size=16).digest())
        return TableSum(count, total % 2**128)

    def as_json(self) -> dict[str, Any]:
        return {"rows": self.rows, "checksum": f"{self.checksum:032x}"}


def json_frame(kind: FrameKind, value: dict[str, Any]) -> bytes:
    """A frame with a JSON payload."""
    return frame(kind, json.dumps(value, ensure_ascii=False).encode())


def frame(kind: FrameKind, payload: bytes) -> bytes:
    """A frame."""
    return _HEAD.pack(kind, len(payload)) + payload


def compressed(frames: Iterable[bytes]) -> Generator[bytes]:
    """`frames` as a gzip stream."""
    packer = zlib.compressobj(level=6, wbits=_GZIP)
    for each in frames:
        if packed := packer.compress(each):
            yield packed
    yield packer.flush()


def read_frames(source: Readable) -> BackupFrames:
    """Kind and payload of every frame of a gzip stream, to its end.

    Raises:
        BackupDamaged: the stream is no such thing, or ends too early.
    """
    stream = _Decompressed(source)
    while head := stream.read(_HEAD.size):
        if len(head) < _HEAD.size:
            raise BackupDamaged("frame cut")
        kind, size = _HEAD.unpack(head)
        if size > _LARGEST:
            raise BackupDamaged("frame too large")
        payload = stream.read(size)
        if len(payload) < size:
            raise BackupDamaged("frame cut")
        yield kind, payload


def read_json(payload: bytes) -> dict[str, Any]:
    """The payload of a frame that holds JSON.

    Raises:
        BackupDamaged: it holds none.
    """
    try:
        value = json.loads(payload)
    except ValueError as error:
        raise BackupDamaged("no JSON") from error
    if not isinstance(value, dict):
        raise BackupDamaged("no JSON object")
    return value  # pyright: ignore[reportUnknownVariableType]  (keys of JSON objects are strings)


def read_header(frames: BackupFrames) -> Header:
    """The first frame.

    Raises:
        BackupDamaged: it is no header of a format we know.
    """
    kind, payload = next(frames, (b"", b""))
    if kind != HEADER:
        raise BackupDamaged("no header")
    value = read_json(payload)
    try:
        if value["format"] != FORMAT:
            raise BackupDamaged("another format")
        return Header(str(value["revision"]), datetime.fromisoformat(value["taken_at"]), str(value["secret"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BackupDamaged("header not understood") from error


class _Decompressed:
    """Reads a gzip stream; memory stays bounded, whatever it expands to."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._packer = zlib.decompressobj(wbits=_GZIP)
        self._ready = bytearray()

    def read(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end of a whole stream."""
        while len(self._ready) < size and not self._packer.eof:
            self._more()
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken

    def _more(self) -> None:
        waiting = self._packer.unconsumed_tail
        packed = waiting or self._source.read(_READ)
        if not packed:
            raise BackupDamaged("stream cut")
        try:
            self._ready += self._packer.decompress(packed, _READ)
        except zlib.error as error:
            raise BackupDamaged("not compressed") from error
