"""Render a message: the placeholders of a wording filled, in one segment without accents where possible.

Values are substituted plainly and never interpreted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lopso.kernel.text import nfc, sms_parts, unaccent
from wordings.rules.placeholders import PLACEHOLDER, placeholders_in


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A rendered message: `plain` is sent, `accented` is shown on pages."""

    plain: str
    accented: str
    encoding: Literal["gsm7", "ucs2"]
    segments: int


def fill(body: str, values: Mapping[str, Sequence[str]]) -> RenderedText:
    """Substitute `values` for the placeholders of `body`, in one segment where that is possible.

    Args:
        values: by placeholder its forms, the fullest first. Shorter forms are taken in turn, names before
            places, until the text fits. Nothing is cut beyond its forms: where none fit, the fullest ones are
            taken that cost no more segments than the shortest do.

    Raises:
        KeyError: a placeholder without a value.
    """
    chosen = {name: nfc(values[name][0]) for name in placeholders_in(body)}
    best = _text(body, chosen)
    for name, form in _shortenings(values, chosen):
        if best.segments == 1:
            break
        chosen[name] = form
        shorter = _text(body, chosen)
        if shorter.segments < best.segments:
            best = shorter
    return best


# What is shortened first: a full name to a given name, a reason to its first clause, a place to a short form.
_FIRST_STEP = ("names", "invited", "told", "reason", "place", "title", "when")
_LATER_STEPS = ("place", "names", "invited", "told", "reason", "title", "when")


def _shortenings(values: Mapping[str, Sequence[str]], chosen: Collection[str]) -> list[tuple[str, str]]:
    """Shorter forms in the order in which they are tried: one step of each value, then the next step."""
    deepest = max((len(values[name]) for name in chosen), default=0)
    return [
        (name, nfc(values[name][level]))
        for level in range(1, deepest)
        for name in (_FIRST_STEP if level == 1 else _LATER_STEPS)
        if name in chosen and level < len(values[name])
    ]


def _text(body: str, chosen: Mapping[str, str]) -> RenderedText:
    accented = PLACEHOLDER.sub(lambda place: chosen[place[1]], body)
    plain = unaccent(accented)
    size = sms_parts(plain)
    return RenderedText(plain, accented, "gsm7" if size.encoding == "GSM-7" else "ucs2", size.segments)
