"""What somebody wants who answers a text, where people can answer texts at all."""

import re
from collections.abc import Collection
from typing import Literal

from lopso.kernel.text import nfc, unaccent

_STOP = (
    "stop", "stopall", "stop all", "unsubscribe", "end", "quit", "cancel", "hủy", "huỷ", "hủy tin", "huỷ tin",
    "dừng", "dừng lại", "dừng tin", "ngừng", "ngưng", "từ chối", "không nhận", "không nhận tin",
    "dừng nhận tin", "ngừng nhận tin",
)  # fmt: skip
_START = ("start", "unstop", "nhận lại", "nhận tin", "nhận lại tin", "tiếp tục")

_EDGES = re.compile(r"^[^\w]+|[^\w]+$")


def read_reply(body: str) -> Literal["stop", "start"] | None:
    """What the whole of a reply asks for, in any case, with or without accents; None for anything else.

    Accents that are typed count: without its marks "Đúng", which says yes, would read like "Dừng", stop.
    """
    said = " ".join(_EDGES.sub("", nfc(body)).casefold().split())
    if _says(said, _STOP):
        return "stop"
    return "start" if _says(said, _START) else None


def _says(said: str, words: Collection[str]) -> bool:
    return said in ({unaccent(each) for each in words} if said.isascii() else words)
