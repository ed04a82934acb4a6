"""Filters of templates: how dates, numbers and phones read to people."""

from typing import Any, cast
from uuid import uuid4

from jinja2 import Environment

from lopso.kernel import formatting, phone
from lopso.kernel.text import capitalized


def unbroken(text: str) -> str:
    """`text` to be read, where the name of the city's application stays on one line."""
    return text.replace("Hue-S", "Hue\u2011S")


def install(env: Environment) -> None:
    """Make the filters known to templates under their own names."""
    filters: dict[str, Any] = {
        "weekday": formatting.weekday,
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
        "unbroken": unbroken,
        "phone": phone.display,
        "masked": phone.masked,
    }
    env.filters.update(filters)
    cast("dict[str, Any]", env.globals).update(hours=formatting.hours, new_form_id=uuid4)
