"""Candidates for a session: their ranking, who is visible, the number of statements."""

from datetime import date, time, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel.access import Actor, Grant, Role
from scheduling.models import ClassSession
from staffing.queries.candidates import SHOWN, candidates
from staffing.rules.suitability import FreeTime, SkillMatch
from tests.factories import (
    NOON,
    add_assignment,
    add_course,
    add_helper,
    add_session,
    add_team,
    add_ward,
)
from tests.statements import statements_of
from trainers.models import Availability, Trainer

COORDINATOR = Actor(None, "Hà", (Grant(Role.COORDINATOR, "19753"),))
CITY = Actor(None, "Thành phố", (Grant(Role.CITY_ADMIN, None),))


async def add_class(db: AsyncSession) -> ClassSession:
    await add_ward(db)
    course = await add_course(db, skills=["VNeID", "Thanh toán QR"])
    return await add_session(db, course=course)


def free(helper: Trainer, *, weekday: int = 3) -> Availability:
    return Availability(trainer_id=helper.id, weekday=weekday, since=time(13), until=time(17))


async def test_candidates_are_ranked_by_all_known_facts(db: AsyncSession) -> None:
    session = await add_class(db)
    able = await add_helper(db, "Lê An", teaches=["VNeID", "Thanh toán QR", "An toàn"])
    half = await add_helper(db, "Đỗ Bình", teaches=["VNeID"])
    clashing = await add_helper(db, "Hồ Chi", teaches_all=True)
    student = await add_helper(db, "Võ Dũng", teaches_all=True)
    gone = await add_helper(db, "Bùi Em")
    gone.left_at = NOON
    db.add_all([free(able), free(half, weekday=2), free(clashing), free(student)])
    team = await add_team(db, able, name="Tổ công nghệ số TDP 5")
    team_gone = await add_team(db, able, name="Tổ cũ")
    team_gone.disbanded_at = NOON
    await add_team(
        db, student, kind="student_volunteers", name="Đội hè", active=(date(2026, 6, 1), date(2026, 8, 31))
    )
    other = await add_session(db, title="Chợ số", starts_at=session.starts_at - timedelta(minutes=30))
    await add_assignment(db, other, clashing)
    monday = await add_session(db, title="Thứ Hai", starts_at=NOON + timedelta(hours=2))
    await add_assignment(db, monday, able, state="offered")
    await add_assignment(
        db, await add_session(db, title="Tuần sau", starts_at=NOON + timedelta(days=9)), able
    )
    await add_assignment(db, session, half, state="declined")

    found = await candidates(db, session, role="trainer", typed="", by=COORDINATOR)

    assert list(found.skills.values()) == ["VNeID", "Thanh toán QR"]
    assert [
        (
            each.trainer.full_name,
            each.suitability.free_time,
            each.suitability.skill_match,
            each.suitability.load,
        )
        for each in found.items
    ] == [
        ("Lê An", FreeTime.FREE, SkillMatch.FULL, 1),
        ("Đỗ Bình", FreeTime.OUTSIDE, SkillMatch.PARTLY, 0),
        ("Võ Dũng", FreeTime.FREE, SkillMatch.FULL, 0),
        ("Hồ Chi", FreeTime.FREE, SkillMatch.FULL, 1),
    ]
    first, second, third, fourth = found.items
    assert [each.name for each in first.teams] == [team.name]
    assert second.suitability.facts.declined
    assert third.suitability.outside_period is not None
    assert fourth.suitability.clash is not None
    assert (fourth.suitability.clash.title, fourth.suitability.clash.ward_id) == ("Chợ số", "19753")


async def test_search_covers_wards_the_actor_sees(db: AsyncSession) -> None:
    session = await add_class(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    near = await add_helper(db, "Nguyễn Thị Thúy", phone="+84912345678")
    far = await add_helper(db, "Lê Thuý", ward_id="19789", phone="+84905111222")

    async def names(typed: str, by: Actor) -> list[tuple[str, str | None]]:
        found = await candidates(db, session, role="helper", typed=typed, by=by)
        return [(each.trainer.full_name, each.ward) for each in found.items]

    assert await names("", COORDINATOR) == await names("", CITY) == [(near.full_name, None)]
    assert await names("thuy", COORDINATOR) == [(near.full_name, None)]
    assert await names("THUÝ", CITY) == [(near.full_name, None), (far.full_name, "Phường Thuận Hóa")]
    assert await names("0912.345", COORDINATOR) == [(near.full_name, None)]
    assert await names("0905 111 222", COORDINATOR) == []
    assert await names("0905 111 222", CITY) == [(far.full_name, "Phường Thuận Hóa")]


async def test_ticked_candidates_stay_first(db: AsyncSession) -> None:
    session = await add_class(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")
    far = await add_helper(db, "Võ Xa", ward_id="19789")

    found = await candidates(db, session, role="helper", typed="an", picked=[binh.id, far.id], by=COORDINATOR)
    without = await candidates(db, session, role="helper", typed="", without=[an.id], by=COORDINATOR)

    assert [each.trainer.id for each in found.items] == [binh.id, an.id]
    assert [each.trainer.id for each in without.items] == [binh.id]


async def test_candidates_are_fifty_with_fixed_statements(
    db: AsyncSession, shared_engine: AsyncEngine
) -> None:
    session = await add_class(db)
    counts: list[int] = []

    async def counted() -> int:
        with statements_of(shared_engine) as statements:
            found = await candidates(db, session, role="trainer", typed="", by=COORDINATOR)
        counts.append(len(statements))
        assert len(found.items) == min(found.total, SHOWN)
        return found.total

    helpers = [await add_helper(db, "Lê An")]
    assert await counted() == 1
    for n in range(130):
        helpers.append(await add_helper(db, f"Trần Thị {chr(97 + n % 26)}{n}", teaches=["VNeID"]))
    await add_team(db, *helpers)
    db.add_all([free(each) for each in helpers])
    await db.flush()
    assert await counted() == 131
    assert counts == [9, 9]
