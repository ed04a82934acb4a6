"""Texts whose letters became "?" when a program saved them in an encoding that has no such letters."""

import re

from lopso.kernel.text import nfc

_LETTER = r"[^\W\d_]"
# A question ends with "?"; inside a word, or before one, it stands for a letter that was lost.
_LOST_INSIDE = re.compile(rf"\ufffd|\?{_LETTER}|{_LETTER}\?+{_LETTER}")
_LOST_ANYWHERE = re.compile(rf"\ufffd|\?{_LETTER}|{_LETTER}\?")


def has_lost_letters(text: str, *, question: bool = False) -> bool:
    """Whether letters became "?" or the sign for unreadable bytes.

    Args:
        question: the text may be a sentence, which can end with "?".
    """
    text = nfc(text)
    return (_LOST_INSIDE if question else _LOST_ANYWHERE).search(text) is not None
