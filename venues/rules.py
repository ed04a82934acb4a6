"""Names of neighbourhoods as people write them, and the key that writings of one share."""

import re
from dataclasses import dataclass

from lopso.kernel.text import fold, nfc

_TDP = r"(?:tdp|to dan pho|to dp|tdpho|to)"
_THON = r"(?:thon|th\.)"
_OTHERS = {
    "khu vuc": "Khu vực", "kv": "Khu vực", "khu pho": "Khu phố", "kp": "Khu phố", "ban": "Bản", "ap": "Ấp",
    "lang": "Làng", "xom": "Xóm", "doi": "Đội", "cum": "Cụm",
}  # fmt: skip
_NUMBERED = re.compile(
    rf"(?P<kind>{_TDP}|{_THON}|{'|'.join(_OTHERS)})?\s*(?:so)?\s*0*(?P<number>\d{{1,3}})(?P<letter>[a-d]?)"
)
_NOTHING = {"", "x", "-", "khong", "khong co", "khong ro", "chua ro", "?"}


@dataclass(frozen=True, slots=True)
class NeighbourhoodName:
    """A neighbourhood as shown ("TDP 4", "Thôn A Xăng") and the key that all its writings share."""

    name: str
    key: str


def neighbourhood_name(text: str, *, rural: bool) -> NeighbourhoodName | None:
    """Read "TDP 4", "TDP04", "Tổ dân phố 4", "tổ 4", "thôn 3", "Thôn A Xăng"; None when nothing is named.

    Args:
        rural: what a bare number means: a thôn in a xã, a tổ dân phố in a phường.
    """
    # "TDP 4, phường Phú Xuân": what follows the comma is not its name.
    written = " ".join(re.split(r"[,;(]", nfc(text))[0].replace(" - ", " ").split()).strip(" .-–")
    folded = fold(written)
    if folded in _NOTHING:
        return None
    numbered = _NUMBERED.fullmatch(folded)
    if numbered:
        kind = _kind(numbered["kind"], rural=rural)
        name = f"{kind} {int(numbered['number'])}{numbered['letter'].upper()}"
        return NeighbourhoodName(name, fold(name))
    with_kind = re.match(rf"(?P<kind>{_TDP}|{_THON}|{'|'.join(_OTHERS)})\.?\s+(?=\S)", folded)
    if with_kind is None:
        return NeighbourhoodName(_capitalised(written), folded)
    kind = _kind(with_kind["kind"], rural=rural)
    rest = written.split(maxsplit=len(with_kind["kind"].split()))[-1]
    # Named ones meet under their name alone: "A Xăng" is "Thôn A Xăng".
    key = re.sub(r"\b0+(?=\d)", "", fold(rest))
    starts_with_number = key[:1].isdigit()
    return NeighbourhoodName(
        f"{kind} {_capitalised(rest)}", f"{fold(kind)} {key}" if starts_with_number else key
    )


def neighbourhood_within(text: str, *, rural: bool) -> NeighbourhoodName | None:
    """Find a numbered neighbourhood inside a longer text: an address, the name of a team."""
    found = re.search(rf"\b(?:{_TDP}|{_THON})\s*(?:so)?\s*\d{{1,3}}[a-d]?\b", fold(text))
    if found:
        return neighbourhood_name(found[0], rural=rural)
    named = re.search(r"\b(?:thôn|bản|làng|xóm)\s+[^,;()]+", nfc(text), re.IGNORECASE)
    return neighbourhood_name(named[0], rural=rural) if named else None


def _kind(folded: str | None, *, rural: bool) -> str:
    if folded is None:
        return "Thôn" if rural else "TDP"
    if re.fullmatch(_TDP, folded):
        return "TDP"
    return _OTHERS.get(folded, "Thôn")


def _capitalised(text: str) -> str:
    if text not in (text.upper(), text.lower()):
        return text
    return " ".join(word[:1].upper() + word[1:].lower() for word in text.split())
