"""Learners, helpers and teams in every state."""

from datetime import date, time, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from learners.models import AUDIENCES, Consent, Learner
from lopso.kernel.text import fold, sort_key
from notifications.models import OptOut
from skills.models import Skill
from tests.factories import NOON, add_team
from tests.states.objects import WARD, Objects
from trainers.models import TEAM_KINDS, TRAINER_KINDS, Availability, Qualification, Trainer
from venues.models import Neighbourhood

LONG_NAME = "Công Tằng Tôn Nữ Thị Ngọc Ưỡn"


async def add_learners(db: AsyncSession, objects: Objects, neighbourhood: Neighbourhood) -> list[Learner]:
    """Learners who differ in what is known of them."""
    phone: dict[str, Any] = {"phone_kind": "mobile"}
    made: list[Learner] = []
    for number, (state, columns) in enumerate(
        {
            "plain": phone,
            "elder": phone | {"birth_year": 1931, "title": "Cụ", "audiences": ["elderly"]},
            "minor": phone | {"birth_year": 2015, "title": "", "sex": "male"},
            "known by name only": {"title": "", "birth_year": None, "phone": None},
            "without phone": {"phone": None, "phone_note": "gọi qua con gái"},
            "landline": {"phone": "+842343823456", "phone_kind": "landline"},
            "with everything": phone
            | {
                "full_name": LONG_NAME,
                "sex": "female",
                "email": "uon@example.org",
                "audiences": list(AUDIENCES),
                "device": "điện thoại cũ",
                "note": "tai nghe kém <b>",
                "neighbourhood_id": neighbourhood.id,
            },
            "archived": phone | {"archived_at": NOON},
            "opted out": phone | {"phone": "+84912000001"},
            "opted out of reminders": phone | {"phone": "+84912000002"},
        }.items()
    ):
        name = str(columns.get("full_name", f"Trần Thị {chr(65 + number)}"))
        values: dict[str, Any] = {
            "ward_id": WARD,
            "full_name": name,
            "title": "Bà",
            "name_key": fold(name),
            "sort_key": sort_key(name),
            "birth_year": 1958,
            "phone": f"+8491234{number:04}",
            "phone_kind": "none",
            "registered_at": NOON,
        }
        row = Learner(**values | columns)
        db.add(row)
        await db.flush()
        made.append(row)
        objects.add("learner", state, learner_id=row.id)
    await _consents(db, made[6])
    _opt_outs(db)
    await db.flush()
    return made


async def _consents(db: AsyncSession, learner: Learner) -> None:
    for purpose, withdrawn_at in (("class", None), ("sms", NOON), ("photo", None), ("invitation", None)):
        db.add(
            Consent(
                ward_id=WARD,
                learner_id=learner.id,
                purpose=purpose,
                text_version="2026-11",
                legal_basis="đồng ý",
                how="paper",
                granted_at=NOON,
                withdrawn_at=withdrawn_at,
            )
        )


def _opt_outs(db: AsyncSession) -> None:
    db.add(OptOut(phone="+84912000001", topic=None, how="reply", since=NOON))
    db.add(OptOut(phone="+84912000002", topic="reminders", how="staff", ward_id=WARD, since=NOON))
    db.add(OptOut(phone="+84912000003", topic=None, how="provider", since=NOON, ended_at=NOON))


async def add_helpers(
    db: AsyncSession, objects: Objects, account: User, invited: User, disabled: User, skill: Skill
) -> list[Trainer]:
    """Helpers with and without an account, active and ended; the first has `account`."""
    made: list[Trainer] = []
    for number, (state, columns) in enumerate(
        {
            "with account": {"user_id": account.id},
            "without account": {},
            "ended": {"left_at": NOON},
            "ended with a disabled account": {"left_at": NOON, "user_id": disabled.id},
            "invited": {"user_id": invited.id, "email": "moi@example.org"},
            "without phone": {"phone": None, "phone_note": "gọi qua tổ trưởng", "sex": "male"},
            "teaches everything": {"teaches_all": True, "position": "Hội Phụ nữ", "full_name": LONG_NAME},
            "opted out": {"phone": "+84912000001", "note": "bận <tối>"},
            **{kind: {"kind": kind} for kind in TRAINER_KINDS},
        }.items()
    ):
        name = str(columns.get("full_name", f"Lê Văn {chr(65 + number)}"))
        values: dict[str, Any] = {
            "ward_id": WARD,
            "kind": "team_member",
            "full_name": name,
            "name_key": fold(name),
            "sort_key": sort_key(name),
            "phone": f"+8490511{number:04}",
            "enlisted_at": NOON,
        }
        row = Trainer(**values | columns)
        db.add(row)
        await db.flush()
        made.append(row)
        objects.add("helper", state, trainer_id=row.id)
    known = made[0]
    db.add(Qualification(trainer_id=known.id, skill_id=skill.id, source="declared", since=NOON))
    db.add(Availability(trainer_id=known.id, weekday=0, since=time(7), until=time(11, 30)))
    await db.flush()
    return made


async def add_teams(db: AsyncSession, objects: Objects, members: list[Trainer]) -> None:
    """Teams with and without members, of every kind, disbanded, outside of their days."""
    past = (date(2026, 6, 1), date(2026, 8, 31))
    now = (date(2026, 11, 1), None)
    for kind in TEAM_KINDS:
        team = await add_team(db, *members[:3], name=f"Tổ {kind}", kind=kind)
        objects.add("team", kind, team_id=team.id)
        objects.add("member", kind, team_id=team.id, trainer_id=members[0].id)
    for state, active in (("outside of its days", past), ("within its days", now)):
        team = await add_team(db, members[1], name=state, kind="student_volunteers", active=active)
        objects.add("team", state, team_id=team.id)
    empty = await add_team(db, name="Tổ chưa có ai")
    objects.add("team", "without members", team_id=empty.id)
    disbanded = await add_team(db, members[2], name="Tổ đã giải thể")
    disbanded.disbanded_at = NOON - timedelta(days=1)
    objects.add("team", "disbanded", team_id=disbanded.id)
    await db.flush()
