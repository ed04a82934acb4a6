"""Helpers and teams are kept true: taken on, corrected, qualified, put into teams, gone and back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import InvalidInput, NotFound, Refused
from people.errors import PossibleDuplicate
from tests.factories import NOON, TEST, add_helper, add_skill, add_team, add_ward
from trainers.labels import free_time_labels
from trainers.models import Qualification, Team, TeamMember
from trainers.queries import teams, trainers
from trainers.rules import (
    AFTERNOON,
    DAY,
    EVENING,
    MORNING,
    TeamDetails,
    TrainerDetails,
    WeeklyHours,
    hours_of,
    parts_of,
)
from trainers.service import teams as teams_service
from trainers.service import trainers as trainers_service
from trainers.service.availability import set_hours
from trainers.service.qualifications import set_skills
from venues.service import add_neighbourhood

WARD = "19753"
LANH = TrainerDetails("Trần Thị Lành", position="Hội Phụ nữ", phone="+84912345678", phone_kind="mobile")


async def audited(db: AsyncSession, subject: str) -> list[tuple[str, dict[str, object]]]:
    await db.flush()
    rows = await db.execute(
        select(AuditEntry.action, AuditEntry.facts)
        .where(AuditEntry.subject == subject)
        .order_by(AuditEntry.id)
    )
    return [(row.action, row.facts) for row in rows]


async def test_possible_duplicate_is_refused_until_confirmed(db: AsyncSession) -> None:
    await add_ward(db)
    first = await trainers_service.enlist(db, WARD, LANH, by=TEST, now=NOON)

    with pytest.raises(PossibleDuplicate) as caught:
        await trainers_service.enlist(db, WARD, LANH, by=TEST, now=NOON)
    assert [each.id for each in caught.value.namesakes] == [first.id]

    other = TrainerDetails("Trần Thị Lành", phone="+84935123456", phone_kind="mobile")
    assert (await trainers_service.enlist(db, WARD, other, by=TEST, now=NOON)).id != first.id


async def test_audit_of_edit_names_fields_without_values(db: AsyncSession) -> None:
    await add_ward(db)
    helper = await trainers_service.enlist(db, WARD, LANH, by=TEST, now=NOON)
    corrected = TrainerDetails("Trần Thị Lành", position="Công an", phone="+84935123456", phone_kind="mobile")

    await trainers_service.edit(db, WARD, helper.id, corrected, by=TEST, now=NOON)
    await trainers_service.edit(db, WARD, helper.id, corrected, by=TEST, now=NOON)

    assert await audited(db, "trainer") == [
        ("trainer.enlisted", {}),
        ("trainer.edited", {"changed": ["phone", "position"]}),
    ]


async def test_setting_declared_skills_keeps_those_from_training(db: AsyncSession) -> None:
    await add_ward(db)
    qr, safety, vneid = [await add_skill(db, name) for name in ("Quét mã QR", "An toàn", "VNeID")]
    helper = await add_helper(db, teaches=["Quét mã QR"])
    db.add(Qualification(trainer_id=helper.id, skill_id=safety.id, source="training", since=NOON))
    await db.flush()
    later = NOON + timedelta(days=1)

    await set_skills(db, WARD, helper.id, [vneid.id, 999_999], by=TEST, now=later)

    held = await trainers.taught_by(db, helper.id)
    assert {(each.skill_id, each.source) for each in held} == {
        (safety.id, "training"),
        (vneid.id, "declared"),
    }
    ended = await db.scalar(select(Qualification.ended_at).where(Qualification.skill_id == qr.id))
    assert ended == later


async def test_hours_are_set_and_cleared(db: AsyncSession) -> None:
    await add_ward(db)
    helper = await add_helper(db)
    wanted = [WeeklyHours(0, *EVENING), WeeklyHours(2, *EVENING), WeeklyHours(1, *EVENING)]

    await set_hours(db, WARD, helper.id, wanted, by=TEST, now=NOON)
    assert list(await trainers.hours_of(db, helper.id)) == sorted(wanted)

    await set_hours(db, WARD, helper.id, [], by=TEST, now=NOON)
    assert list(await trainers.hours_of(db, helper.id)) == []
    assert [action for action, _facts in await audited(db, "trainer")] == ["trainer.hours_set"] * 2


def test_parts_of_week_and_hours_convert_both_ways() -> None:
    ticked = [
        (0, "evening"),
        (5, "morning"),
        (5, "afternoon"),
        (6, "morning"),
        (6, "afternoon"),
        (6, "evening"),
    ]

    assert hours_of(ticked) == [
        WeeklyHours(0, *EVENING),
        WeeklyHours(5, *MORNING),
        WeeklyHours(5, *AFTERNOON),
        WeeklyHours(6, *DAY),
    ]
    assert parts_of(hours_of(ticked)) == frozenset(ticked)


def test_equal_hours_of_days_are_labelled_together() -> None:
    week = [WeeklyHours(day, *EVENING) for day in range(5)]

    assert free_time_labels(week) == [("Thứ Hai – Thứ Sáu", "17h30 – 21h30")]
    assert free_time_labels(
        [WeeklyHours(1, *MORNING), WeeklyHours(3, *MORNING), WeeklyHours(3, *EVENING)]
    ) == [
        ("Thứ Ba", "07h00 – 11h30"),
        ("Thứ Năm", "07h00 – 11h30, 17h30 – 21h30"),
    ]
    assert free_time_labels([WeeklyHours(day, *DAY) for day in range(7)]) == [("Mọi ngày", "07h00 – 21h30")]


async def test_helper_who_left_is_unlisted_until_back(db: AsyncSession) -> None:
    await add_ward(db)
    helper = await add_helper(db)

    async def listed(*, gone: bool) -> list[int]:
        found = await trainers.trainers_page(db, WARD, kind=None, gone=gone, number=1)
        return [each.trainer.id for each in found.items]

    await trainers_service.leave(db, WARD, helper.id, by=TEST, now=NOON)
    await trainers_service.leave(db, WARD, helper.id, by=TEST, now=NOON)
    assert (await listed(gone=False), await listed(gone=True)) == ([], [helper.id])

    await trainers_service.come_back(db, WARD, helper.id, by=TEST, now=NOON)
    assert (await listed(gone=False), await listed(gone=True)) == ([helper.id], [])
    assert [action for action, _facts in await audited(db, "trainer")] == [
        "trainer.left",
        "trainer.came_back",
    ]


async def test_second_team_of_neighbourhood_is_refused(db: AsyncSession) -> None:
    await add_ward(db)
    place = await add_neighbourhood(db, WARD, "TDP 4", by=TEST, now=NOON)
    details = TeamDetails("community_tech_team", "Tổ CNSCĐ TDP 4", place.id)
    team = await teams_service.add_team(db, WARD, details, by=TEST, now=NOON)
    assert (team.name, team.name_key) == ("Tổ CNSCĐ TDP 4", "cnscd tdp 4")

    again = TeamDetails("community_tech_team", "Tổ công nghệ số cộng đồng TDP04", place.id)
    with pytest.raises(InvalidInput) as caught:
        await teams_service.add_team(db, WARD, again, by=TEST, now=NOON)
    assert caught.value.fields == {"name": "Phường, xã đã có tổ, đội này."}


async def test_student_team_keeps_its_first_and_last_day(db: AsyncSession) -> None:
    await add_ward(db)
    first, last = date(2026, 11, 1), date(2026, 12, 31)

    team = await teams_service.add_team(
        db, WARD, TeamDetails("student_volunteers", "Đội SV", None, first, last), by=TEST, now=NOON
    )

    assert (team.active_from, team.active_to) == (first, last)


async def test_member_joins_changes_role_and_leaves(db: AsyncSession) -> None:
    await add_ward(db)
    helper = await add_helper(db)
    team = await add_team(db)

    for role in ("member", "member", "head"):
        await teams_service.join_team(db, WARD, team.id, helper.id, role, by=TEST, now=NOON)
    assert [(each.trainer_id, each.role) for each in await teams.members_of(db, team.id)] == [
        (helper.id, "head")
    ]
    await teams_service.leave_team(db, WARD, team.id, helper.id, by=TEST, now=NOON)
    await teams_service.leave_team(db, WARD, team.id, helper.id, by=TEST, now=NOON)

    assert await teams.members_of(db, team.id) == []
    assert (await db.scalars(select(TeamMember.left_at))).all() == [NOON]
    assert [action for action, _facts in await audited(db, "team")] == [
        "team.joined",
        "team.part_changed",
        "team.left",
    ]


async def test_joining_a_disbanded_team_is_refused(db: AsyncSession) -> None:
    await add_ward(db)
    helper = await add_helper(db)
    team = await add_team(db)
    await teams_service.disband(db, WARD, team.id, by=TEST, now=NOON)

    with pytest.raises(Refused, match="Tổ, đội này đã giải thể"):
        await teams_service.join_team(db, WARD, team.id, helper.id, "member", by=TEST, now=NOON)

    await teams_service.bring_back(db, WARD, team.id, by=TEST, now=NOON)
    await teams_service.join_team(db, WARD, team.id, helper.id, "member", by=TEST, now=NOON)


async def test_helpers_and_teams_of_another_ward_are_not_found(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="20179", name="Nam Đông")
    helper, team = await add_helper(db), await add_team(db)

    for refused in (
        trainers_service.edit(db, "20179", helper.id, LANH, by=TEST, now=NOON),
        set_skills(db, "20179", helper.id, [], by=TEST, now=NOON),
        trainers_service.leave(db, "20179", helper.id, by=TEST, now=NOON),
        teams_service.join_team(db, "20179", team.id, helper.id, "member", by=TEST, now=NOON),
        teams_service.disband(db, "20179", team.id, by=TEST, now=NOON),
        trainers.trainer_in(db, "20179", helper.id),
        teams.team_in(db, "20179", team.id),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_teams_are_ordered_by_number_in_name(db: AsyncSession) -> None:
    await add_ward(db)
    for number in (10, 2, 1):
        place = await add_neighbourhood(db, WARD, f"TDP {number}", by=TEST, now=NOON)
        details = TeamDetails("community_tech_team", f"Tổ CNSCĐ TDP {number}", place.id)
        await teams_service.add_team(db, WARD, details, by=TEST, now=NOON)
    head = await add_helper(db)
    first = await db.scalar(select(Team.id).where(Team.name_key == "cnscd tdp 1"))
    assert first is not None
    await teams_service.join_team(db, WARD, first, head.id, "head", by=TEST, now=NOON)

    found = await teams.teams_page(db, WARD, kind=None, typed="", disbanded=False, number=1)
    assert [(row.team.name, row.place, row.members, row.head) for row in found.items] == [
        ("Tổ CNSCĐ TDP 1", "TDP 1", 1, "Trần Thị Lành"),
        ("Tổ CNSCĐ TDP 2", "TDP 2", 0, None),
        ("Tổ CNSCĐ TDP 10", "TDP 10", 0, None),
    ]
    narrowed = await teams.teams_page(db, WARD, kind=None, typed="TDP 10", disbanded=False, number=1)
    assert [row.team.name for row in narrowed.items] == ["Tổ CNSCĐ TDP 10"]


@pytest.mark.parametrize("typed", ["tran thi lanh", "LÀNH", "0912.345.678", "5678"])
async def test_search_finds_name_without_accents_and_phone(db: AsyncSession, typed: str) -> None:
    await add_ward(db)
    helper = await add_helper(db, phone="+84912345678")
    await add_helper(db, "Võ Văn Bình", phone="+84935123456")

    found = await trainers.search_page(db, WARD, typed, number=1)
    assert [each.trainer.id for each in found.items] == [helper.id]
