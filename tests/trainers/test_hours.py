"""When helpers are free, in the words lists use."""

from datetime import time

import pytest

from trainers.importing.hours import free_times
from trainers.rules import AFTERNOON, DAY, EVENING, MORNING, WeeklyHours

WEEK = range(7)


def at(days: list[int] | range, *parts: tuple[time, time]) -> tuple[WeeklyHours, ...]:
    return tuple(sorted(WeeklyHours(day, since, until) for day in days for since, until in parts))


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("Tối T2-T6", at(range(5), EVENING)),
        ("Sáng T3, T5", at([1, 3], MORNING)),
        ("Cuối tuần", at([5, 6], DAY)),
        ("Cả tuần", at(WEEK, DAY)),
        ("T7, CN", at([5, 6], DAY)),
        ("Chiều T4", at([2], AFTERNOON)),
        ("Thứ 3 và thứ 5", at([1, 3], DAY)),
        ("thứ ba, thứ năm", at([1, 3], DAY)),
        ("T2, 4, 6", at([0, 2, 4], DAY)),
        ("Tối thứ 2 đến thứ 6", at(range(5), EVENING)),
        ("T2-CN", at(WEEK, DAY)),
        ("T6-T2", at([0, 4, 5, 6], DAY)),
        ("Sáng, chiều T7", at([5], MORNING, AFTERNOON) + at([], EVENING)),
        ("Sáng T3; Tối CN", at([1], MORNING) + at([6], EVENING)),
        ("Buổi tối", at(WEEK, EVENING)),
        ("Các buổi tối trong tuần", at(range(5), EVENING)),
        ("Giờ hành chính", at(range(5), MORNING, AFTERNOON)),
        ("Ngoài giờ hành chính", at(range(5), EVENING)),
        ("T2-T6 sau 17h", at(range(5), (time(17), time(21, 30)))),
        ("8h30 - 10h30 T3", at([1], (time(8, 30), time(10, 30)))),
        ("CN 14h-16h", at([6], (time(14), time(16)))),
        ("Chủ nhật", at([6], DAY)),
        ("Linh hoạt", at(WEEK, DAY)),
    ],
)
def test_free_times_in_words_are_read(text: str, times: tuple[WeeklyHours, ...]) -> None:
    assert free_times(text) == times


@pytest.mark.parametrize("text", ["", "chưa rõ", "liên hệ trước", "25h - 26h", "theo phân công"])
def test_words_that_say_no_time_are_not_read(text: str) -> None:
    assert free_times(text) is None
