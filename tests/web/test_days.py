"""How near days read, at the beginning of a line and inside one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from lopso.kernel.i18n import Language, speak
from lopso.web.filters import day_in_words, day_inside

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _vietnamese_after() -> Iterator[None]:
    yield
    speak("vi")


@pytest.mark.parametrize(
    ("language", "day", "alone", "inside"),
    [
        ("vi", 25, "Hôm nay", "hôm nay"),
        ("vi", 26, "Ngày mai", "ngày mai"),
        ("vi", 24, "Hôm qua", "hôm qua"),
        ("vi", 27, "thứ Sáu 27/11", "thứ Sáu 27/11"),
        ("en", 25, "Today", "today"),
        ("en", 26, "Tomorrow", "tomorrow"),
        ("en", 24, "Yesterday", "yesterday"),
    ],
)
def test_a_near_day_has_a_capital_only_at_the_beginning(
    language: Language, day: int, alone: str, inside: str
) -> None:
    speak(language)

    assert day_in_words(date(2026, 11, day), NOW) == alone
    assert day_inside(date(2026, 11, day), NOW) == inside
