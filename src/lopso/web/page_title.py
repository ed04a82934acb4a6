"""Where the lines of a page's title may end: not inside a Vietnamese word or a name of several syllables.

Vietnamese puts a space between syllables, so that browsers break "Sử dụng Hue-S" after "Sử". What belongs
together is wrapped in `WHOLE`; the text itself stays as it is, for copying and for searching.
"""

import re
from functools import cache

from markupsafe import Markup

from lopso.kernel.paths import shipped

WHOLE = '<span class="whole">{}</span>'
_LONGEST = 20  # characters that stand on one line of a phone, in the type of a page's title
_TITLE = re.compile(r"(<h1\b[^>]*>)(.*?)(</h1>)", re.DOTALL)
_OUTSIDE_TAGS = re.compile(r"(<[^>]*>)|([^<]+)")
_CAPITAL = "[" + "".join(filter(str.isupper, map(chr, range(0x41, 0x1F00)))) + "]"
_NAME = rf"{_CAPITAL}[^\W\d_]*(?: {_CAPITAL}[^\W\d_]*){{1,5}}"


@cache
def _kept_together() -> re.Pattern[str]:
    """A name of two to six syllables, or a word of the list, the longest first."""
    lines = shipped("data").joinpath("compounds.txt").read_text().splitlines()
    words = "|".join(map(re.escape, sorted(lines, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{_NAME}|(?i:{words}))(?!\w)")


def keep_title_whole(body: str) -> Markup:
    """The body of a page with the words and names in its `h1` kept on one line.

    Smaller headings are left: they stand beside buttons, and some lay out their parts themselves.
    """
    return Markup(_TITLE.sub(_whole, body))  # noqa: S704  (Jinja has escaped it)


def _whole(heading: re.Match[str]) -> str:
    start, inside, end = heading.groups()
    return start + _OUTSIDE_TAGS.sub(_whole_text, inside) + end


def _whole_text(part: re.Match[str]) -> str:
    tag, text = part.groups()
    return tag or _kept_together().sub(_wrapped, text)


def _wrapped(found: re.Match[str]) -> str:
    return WHOLE.format(found[0]) if len(found[0]) <= _LONGEST else found[0]
