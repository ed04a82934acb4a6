"""The ranking of candidates and the labels of its reasons."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from lopso.kernel import formatting
from scheduling.rules.commitments import Commitment
from staffing.labels.helpers import suitability_reasons
from staffing.rules.suitability import (
    ActivePeriod,
    AvailableHours,
    CandidateFacts,
    FreeTime,
    SkillMatch,
    StaffingDemand,
    period_outside,
    rank,
    suitability_of,
)

VNEID, QR, SAFETY = 1, 2, 3
NAMES = {VNEID: "VNeID", QR: "thanh toán QR"}
THURSDAY_EVENING = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # 19h00 in Huế
TEACH = StaffingDemand(
    "trainer", frozenset({VNEID, QR}), THURSDAY_EVENING, THURSDAY_EVENING + timedelta(hours=2)
)
HELP = replace(TEACH, role="helper")
EVENINGS = (AvailableHours(3, time(18), time(21, 30)),)
SOMEBODY = CandidateFacts(
    trainer_id=1,
    sort_key="na",
    near=True,
    teaches_all=False,
    skills=frozenset(),
    hours=(),
    periods=(),
    commitments=(),
    declined=False,
)


def engaged(*, hours_from_start: float, minutes: int = 90, title: str = "Thanh toán QR") -> Commitment:
    start = THURSDAY_EVENING + timedelta(hours=hours_from_start)
    return Commitment(9, "19753", title, start, start + timedelta(minutes=minutes))


def said(demand: StaffingDemand, facts: CandidateFacts, *, may_name_clash: bool = True) -> list[str]:
    answer = suitability_of(demand, facts)
    found = suitability_reasons(
        answer, starts_at=demand.starts_at, skills=NAMES, may_name_clash=may_name_clash
    )
    return [reason.text for reason in found]


def test_free_and_suitable_rank_first_with_reasons() -> None:
    able = replace(SOMEBODY, trainer_id=1, skills=frozenset({VNEID, QR}), hours=EVENINGS)
    able_but_loaded = replace(
        able, trainer_id=2, commitments=(engaged(hours_from_start=-24), engaged(hours_from_start=-48))
    )
    hours_unknown = replace(able, trainer_id=3, hours=())
    half = replace(able, trainer_id=4, skills=frozenset({QR, SAFETY}))
    usually_busy = replace(able, trainer_id=5, hours=(AvailableHours(3, time(8), time(11)),))
    untaught = replace(able, trainer_id=6, skills=frozenset({SAFETY}))
    refused = replace(able, trainer_id=7, declined=True)
    clashing = replace(able, trainer_id=8, commitments=(engaged(hours_from_start=-0.5),))
    away = replace(able, trainer_id=9, periods=(ActivePeriod(date(2026, 12, 1), date(2026, 12, 20)),))
    everybody = [away, clashing, refused, untaught, usually_busy, half, hours_unknown, able_but_loaded, able]

    ranked = rank(suitability_of(TEACH, facts) for facts in everybody)

    assert [(each.facts.trainer_id, each.can_be_asked) for each in ranked] == [
        (1, True),
        (2, True),
        (3, True),
        (4, True),
        (5, True),
        (7, True),
        (6, True),
        (9, False),
        (8, False),
    ]
    free = "rảnh tối thứ Năm"
    none_yet = "cùng tuần chưa có buổi nào"
    assert {facts.trainer_id: said(TEACH, facts) for facts in everybody} == {
        1: [free, "dạy được cả 2 kỹ năng", none_yet],
        2: [free, "dạy được cả 2 kỹ năng", "đã có 2 buổi cùng tuần"],
        3: ["chưa rõ giờ rảnh", "dạy được cả 2 kỹ năng", none_yet],
        4: [free, "dạy được 1/2 kỹ năng: thanh toán QR", none_yet],
        5: ["thường không rảnh tối thứ Năm", "dạy được cả 2 kỹ năng", none_yet],
        6: [free, "chưa ghi nhận dạy được nội dung này", none_yet],
        7: ["đã báo bận buổi này", free, "dạy được cả 2 kỹ năng", none_yet],
        8: ["bận: Thanh toán QR 18h30 cùng ngày", "dạy được cả 2 kỹ năng", "đã có 1 buổi cùng tuần"],
        9: ["ngoài đợt tình nguyện (01/12 – 20/12/2026)", free, "dạy được cả 2 kỹ năng", none_yet],
    }


def test_qualification_breaks_ties_of_helpers() -> None:
    plain = replace(SOMEBODY, trainer_id=1, sort_key="an", hours=EVENINGS)
    able = replace(plain, trainer_id=2, sort_key="van", skills=frozenset({VNEID}))
    all_round = replace(plain, trainer_id=3, sort_key="yen", teaches_all=True)

    ranked = rank(suitability_of(HELP, facts) for facts in (plain, able, all_round))

    assert [each.facts.trainer_id for each in ranked] == [3, 2, 1]
    assert said(HELP, plain) == ["rảnh tối thứ Năm", "cùng tuần chưa có buổi nào"]
    assert said(HELP, all_round)[1] == "dạy được cả 2 kỹ năng"


def test_equal_candidates_rank_by_ward_then_given_name() -> None:
    far = replace(SOMEBODY, trainer_id=1, sort_key="an", near=False)
    second = replace(SOMEBODY, trainer_id=2, sort_key="lanh")
    first = replace(SOMEBODY, trainer_id=3, sort_key="hue")

    assert [
        each.facts.trainer_id for each in rank(suitability_of(HELP, f) for f in (far, second, first))
    ] == [3, 2, 1]


def test_adjoining_sessions_do_not_clash_and_load_counts_week() -> None:
    before = engaged(hours_from_start=-1.5)  # ends when ours begins
    after = engaged(hours_from_start=2)
    sunday_late = engaged(hours_from_start=24 * 3 + 4.5, minutes=60)  # 23h30 on Sunday
    monday_early = engaged(hours_from_start=24 * 3 + 5.5, minutes=60)  # 00h30 on the Monday after
    answer = suitability_of(HELP, replace(SOMEBODY, commitments=(before, after, sunday_late, monday_early)))

    assert (answer.clash, answer.load) == (None, 3)


def test_earliest_clash_is_named_unless_unseen() -> None:
    facts = replace(
        SOMEBODY,
        commitments=(engaged(hours_from_start=1, title="B"), engaged(hours_from_start=-1, title="A")),
    )

    assert said(HELP, facts)[0] == "bận: A 18h00 cùng ngày"
    assert said(HELP, facts, may_name_clash=False)[0] == "bận: buổi ở nơi khác 18h00 cùng ngày"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((), FreeTime.UNKNOWN),
        ((AvailableHours(3, time(19), time(21)),), FreeTime.FREE),
        ((AvailableHours(3, time(19), time(20)), AvailableHours(3, time(20), time(22))), FreeTime.FREE),
        (
            (AvailableHours(3, time(19), time(20)), AvailableHours(3, time(20, 30), time(22))),
            FreeTime.OUTSIDE,
        ),
        ((AvailableHours(3, time(19, 30), time(22)),), FreeTime.OUTSIDE),
        ((AvailableHours(2, time(18), time(22)),), FreeTime.OUTSIDE),
    ],
)
def test_stated_hours_must_cover_whole_session(hours: tuple[AvailableHours, ...], expected: FreeTime) -> None:
    assert suitability_of(HELP, replace(SOMEBODY, hours=hours)).free_time is expected


def test_session_without_skills_suits_everybody() -> None:
    market_round = replace(TEACH, skills=frozenset())
    answer = suitability_of(market_round, SOMEBODY)

    assert answer.skill_match is SkillMatch.FULL
    assert [
        reason.text
        for reason in suitability_reasons(answer, starts_at=THURSDAY_EVENING, skills={}, may_name_clash=True)
    ] == ["chưa rõ giờ rảnh", "cùng tuần chưa có buổi nào"]


def test_student_teams_work_inside_their_periods_only() -> None:
    autumn = ActivePeriod(date(2026, 9, 1), date(2026, 11, 25))
    spring = ActivePeriod(date(2027, 2, 1), None)
    always = ActivePeriod(None, None)
    day = date(2026, 11, 26)

    assert period_outside(day, []) is None
    assert period_outside(date(2026, 11, 25), [autumn]) is None
    assert period_outside(day, [autumn]) == autumn
    assert period_outside(day, [autumn, spring]) == spring  # the next one is what helps
    assert period_outside(day, [autumn, always]) is None  # also in a team of the neighbourhood
    assert formatting.days(spring.first, spring.last) == "từ 01/02/2027"
