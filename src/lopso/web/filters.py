"""Filters of templates: how dates, numbers and phones read to people."""

import re
from typing import Any, cast
from uuid import uuid4

from jinja2 import Environment
from markupsafe import Markup

from lopso.kernel import formatting, phone
from lopso.kernel.text import capitalized
from lopso.web.page_title import keep_title_whole

_KEPT = ("<textarea", "<script", "<style")
_HOURS_DASH = "\u00a0–\u2060\u00a0"  # after a dash a line may end even before a no-break space


def unbroken(text: str) -> str:
    """`text` to be read, where "Hue-S" and hours ("08h30 – 10h00") stay on one line."""
    return re.sub(r"(?<=\dh\d\d) – (?=\d)", _HOURS_DASH, text.replace("Hue-S", "Hue\u2011S"))


def unbroken_page(body: str) -> Markup:
    """The body of a page, `unbroken` in all that is read; what may be sent back stays as it is."""
    return Markup(re.sub(r"Hue-S|\dh\d\d – \d", _unbroken_if_read, body))  # noqa: S704  (Jinja has escaped it)


def _unbroken_if_read(found: re.Match[str]) -> str:
    tag = found.string.rfind("<", 0, found.start())
    inside = found.string.rfind(">", 0, found.start()) < tag
    return found[0] if inside or found.string.startswith(_KEPT, tag) else unbroken(found[0])


def install(env: Environment) -> None:
    """Make the filters known to templates under their own names."""
    filters: dict[str, Any] = {
        "weekday": formatting.weekday,
        "weekday_and_day": formatting.weekday_and_day,
        "weekday_and_date": formatting.weekday_and_date,
        "day": formatting.day,
        "full_date": formatting.full_date,
        "month": formatting.month,
        "hour": formatting.hour,
        "when": formatting.when,
        "day_in_words": formatting.day_in_words,
        "day_inside": formatting.day_inside,
        "duration": formatting.duration,
        "number": formatting.number,
        "money": formatting.money,
        "capitalized": capitalized,
        "unbroken": unbroken,  # for a part that arrives alone
        "unbroken_page": unbroken_page,
        "whole_title": keep_title_whole,
        "phone": phone.display,
        "masked": phone.masked,
    }
    env.filters.update(filters)
    cast("dict[str, Any]", env.globals).update(hours=formatting.hours, new_form_id=uuid4)
