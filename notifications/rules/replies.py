"""Read replies to messages, where a provider can receive them: STOP and START in Vietnamese and English."""

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

_ALSO_NAMES = frozenset({"huy", "dung"})

_EDGES = re.compile(r"^[^\w]+|[^\w]+$")


def read_reply(body: str) -> Literal["stop", "start"] | None:
    """What the whole of a reply asks for, in any case, with or without accents; None for anything else.

    Accents that are typed count: without its marks "Đúng", which says yes, would read like "Dừng", stop. A
    single word that is somebody's name without its accents ("Huy", "Dung") may be how they sign: it is a
    command only in capitals, as commands are written; "dung" may also be "đúng".
    """
    said = " ".join(_EDGES.sub("", nfc(body)).split())
    words = said.casefold()
    if words in _ALSO_NAMES and not said.isupper():
        return None
    if _says(words, _STOP):
        return "stop"
    return "start" if _says(words, _START) else None


def _says(said: str, words: Collection[str]) -> bool:
    return said in ({unaccent(each) for each in words} if said.isascii() else words)
