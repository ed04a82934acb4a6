"""What a row of a plan sheet means: a weekly plan that is written is read back, or doubted."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_sheets.rules.plan_rows import PlanRow
from plan_sheets.rules.row_reading import read_plan_row

TODAY = date(2026, 12, 1)
NAMES = ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy")


@st.composite
def written_plans(draw: st.DrawFn) -> tuple[dict[str, str], set[tuple[int, time, int]]]:
    """Cells of a row in one of the usual arrangements, and the weekly times they mean."""
    days = sorted(draw(st.sets(st.integers(0, 6), min_size=1, max_size=3)))
    style = draw(st.sampled_from(["T{0}", "Thứ {0}", "thứ {1}", "Thứ {1}"]))
    named = [style.format(day + 2, NAMES[day]) if day < 6 else "CN" for day in days]
    start, minutes = (
        time(draw(st.integers(6, 19)), draw(st.sampled_from([0, 30]))),
        draw(st.sampled_from([60, 90, 120])),
    )
    end = start.hour * 60 + start.minute + minutes
    dash, sign = draw(st.sampled_from([" - ", "-", " – "])), draw(st.sampled_from("hg:"))
    hours = f"{start.hour}{sign}{start.minute:02}{dash}{end // 60}{sign}{end % 60:02}"
    weekdays = draw(st.sampled_from([", ", " và ", " & ", "\n"])).join(named)
    if draw(st.booleans()):
        cells = {"weekday": weekdays, "hours": hours}
    elif draw(st.booleans()):
        cells = {"when": f"{weekdays} {hours}"}
    else:
        cells = {"when": f"{hours}, {weekdays}"}
    return cells, {(day, start, minutes) for day in days}


@given(written_plans())
def test_weekly_times_in_any_arrangement_are_read_back(
    written: tuple[dict[str, str], set[tuple[int, time, int]]],
) -> None:
    cells, meant = written
    reading = read_plan_row(PlanRow({**cells, "starts": "07/12/2026", "meetings": "6"}), today=TODAY)
    assert reading.faults == ()
    assert {tuple(each) for each in reading.times} == meant
    assert (reading.starts_on, reading.meetings) == (date(2026, 12, 7), 6)


@given(
    st.dictionaries(
        st.sampled_from(["weekday", "hours", "when", "starts", "ends", "meetings", "day2"]),
        st.text(max_size=30),
    )
)
def test_any_cells_are_read_or_refused_with_sentences(cells: dict[str, str]) -> None:
    reading = read_plan_row(PlanRow(cells), today=TODAY)
    assert all(fault.sentence for fault in (*reading.faults, *reading.doubts))


@pytest.mark.parametrize("text", ["thứ Hai, thứ Tư 8h30 - 10h30", "thứ Tư, thứ Hai từ 8h30 đến 10h30"])
def test_wednesday_in_words_beside_hours_is_not_lost(text: str) -> None:
    reading = read_plan_row(PlanRow({"when": text, "starts": "07/12/2026", "meetings": "6"}), today=TODAY)
    assert [each.weekday for each in reading.times] == [0, 2]


def test_hours_that_may_belong_to_either_day_are_refused() -> None:
    row = PlanRow({"when": "T2 T4 8h-10h 14h-16h", "starts": "07/12/2026", "meetings": "6"})
    assert "chưa rõ ngày nào học giờ nào" in read_plan_row(row, today=TODAY).faults[0].sentence
