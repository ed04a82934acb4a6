"""Which helpers a plan proposes for the open places of a ward's week."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from scheduling.rules.commitments import AssignmentRole, Commitment
from staffing.rules.picks import Pick, RoleInSession
from staffing.rules.suitability import CandidateFacts, StaffingDemand, suitability_of
from staffing.rules.week_plan.places import MOST_IN_A_WEEK, OpenPlace, PlannedSession, WeekPlan, WhyEmpty
from staffing.rules.week_plan.staffing import plan_of

MONDAY_EVENING = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)
QR = 7
AN, BINH, CUC = 1, 2, 3


def session(number: int, *, hours: float = 0, regulars: Collection[int] = ()) -> PlannedSession:
    """Two hours, so many after Monday evening, each at a place of its own."""
    start = MONDAY_EVENING + timedelta(hours=hours)
    return PlannedSession(
        number, "19753", f"hall {number}", start, start + timedelta(hours=2), frozenset(regulars)
    )


def helper(number: int, *, able: bool = False, held: Sequence[Commitment] = ()) -> CandidateFacts:
    """Somebody of the ward whose hours are not known."""
    return CandidateFacts(
        trainer_id=number,
        sort_key=f"{number}",
        near=True,
        teaches_all=able,
        skills=frozenset(),
        hours=(),
        periods=(),
        commitments=tuple(held),
        declined=False,
    )


def engaged(hours: float, ward_id: str = "19753") -> Commitment:
    start = MONDAY_EVENING + timedelta(hours=hours)
    return Commitment(99, ward_id, "Lớp khác", start, start + timedelta(hours=2))


def place(
    session: PlannedSession,
    people: Sequence[CandidateFacts],
    role: AssignmentRole = "trainer",
    missing: int = 1,
) -> OpenPlace:
    demand = StaffingDemand(role, frozenset({QR}), session.starts_at, session.ends_at)
    return OpenPlace(session, role, missing, [suitability_of(demand, each) for each in people])


def planned(
    places: Sequence[OpenPlace], fixed: Collection[Pick] = (), without: Collection[Pick] = ()
) -> WeekPlan:
    plan = plan_of(places, fixed, without=without, seconds=10)
    assert plan.proven
    return plan


def test_the_only_one_who_can_do_it_is_left_for_that_session():
    """An suits both best; Bình can do the first only."""
    first, second = session(1), session(2)
    an, binh = helper(AN, able=True), helper(BINH)

    plan = planned([place(first, [an, binh]), place(second, [an])])

    assert plan.picks == {Pick(1, "trainer", BINH), Pick(2, "trainer", AN)}
    assert plan.empty == {}


def test_sessions_are_shared_between_equals():
    people = [helper(AN), helper(BINH)]

    plan = planned([place(session(1), people), place(session(2, hours=48), people)])

    assert plan.loads == {AN: 1, BINH: 1}


def test_who_has_sessions_already_gets_fewer():
    people = [helper(AN, held=[engaged(24)]), helper(BINH)]

    plan = planned([place(session(1), people)])

    assert plan.picks == {Pick(1, "trainer", BINH)}


def test_regulars_of_a_series_stay_with_it():
    people = [helper(AN), helper(BINH)]

    plan = planned([place(session(1, regulars=[BINH]), people)])

    assert plan.picks == {Pick(1, "trainer", BINH)}


def test_fixed_picks_stay_and_the_rest_is_planned_around_them():
    people = [helper(AN, able=True), helper(BINH)]
    places = [place(session(1), people), place(session(2, hours=1), people)]

    plan = planned(places, [Pick(1, "trainer", BINH)])

    assert plan.picks == {Pick(1, "trainer", BINH), Pick(2, "trainer", AN)}


def test_refused_picks_are_not_proposed():
    people = [helper(AN, able=True), helper(BINH)]

    plan = planned([place(session(1), people)], without=[Pick(1, "trainer", AN)])

    assert plan.picks == {Pick(1, "trainer", BINH)}


def test_pick_of_an_unknown_place_or_person_is_passed_over():
    places = [place(session(1), [helper(AN)])]

    plan = planned(places, [Pick(5, "trainer", AN), Pick(1, "trainer", CUC)])

    assert plan.picks == {Pick(1, "trainer", AN)}


def test_nobody_gets_two_roles_in_one_session():
    people = [helper(AN)]
    both = session(1)

    plan = planned([place(both, people), place(both, people, "helper")])

    assert plan.picks == {Pick(1, "trainer", AN)}
    assert plan.empty == {RoleInSession(1, "helper"): (1, WhyEmpty.NEEDED_ELSEWHERE)}


def test_places_that_stay_free_say_why():
    an = helper(AN)
    here, at_the_same_time, without_people = session(1), session(2), session(3, hours=48)

    plan = planned([place(here, [an]), place(at_the_same_time, [an]), place(without_people, [], "helper", 2)])

    assert len(plan.picks) == 1
    left = plan.empty.keys() - {RoleInSession(3, "helper")}
    assert [plan.empty[each] for each in left] == [(1, WhyEmpty.NEEDED_ELSEWHERE)]
    assert plan.empty[RoleInSession(3, "helper")] == (2, WhyEmpty.NOBODY_FREE)


@pytest.mark.parametrize(("hours_between", "both"), [(0.1, False), (0.25, True)])
def test_time_is_left_to_go_from_place_to_place(hours_between: float, both: bool):
    people = [helper(AN)]

    plan = planned([place(session(1), people), place(session(2, hours=2 + hours_between), people)])

    assert (len(plan.picks) == 2) is both


@pytest.mark.parametrize(("ward_id", "can_come"), [("19753", True), ("19774", False)])
def test_promise_in_another_ward_needs_more_time_for_the_way(ward_id: str, can_come: bool):
    an = helper(AN, held=[engaged(-2.5, ward_id)])

    plan = planned([place(session(1), [an])])

    assert bool(plan.picks) is can_come


def test_plan_gives_nobody_more_than_the_most_in_a_week():
    an = helper(AN, held=[engaged(-24)])

    plan = planned([place(session(number, hours=24 * number), [an]) for number in range(1, 6)])

    assert plan.loads == {AN: MOST_IN_A_WEEK}
    assert set(plan.empty.values()) == {(1, WhyEmpty.NEEDED_ELSEWHERE)}


def test_week_without_open_places_gives_an_empty_plan():
    plan = planned([])

    assert (plan.picks, plan.empty, plan.loads) == (frozenset(), {}, {})
