"""Lists staged before an upgrade: the form that release 0.1.0 wrote is read; any other is refused."""

from collections.abc import Callable
from copy import deepcopy
from datetime import time
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from learners.importing.drafts import LearnerDraft
from learners.models import Learner
from lopso.kernel.access import Role
from lopso.kernel.workbook.results import Doubt, DoubtfulRow
from lopso.kernel.workbook.staging import StagedFormChanged, StagedImport, parsed_list_of
from tests.conftest import TestApp
from tests.factories import NOON, add_user, add_ward
from trainers.importing.drafts import TrainerDraft
from trainers.importing.team_names import MembershipDraft, TeamDraft
from trainers.rules import WeeklyHours
from venues.rules import NeighbourhoodName

LEARNERS: dict[str, Any] = {
    "columns": [
        {"field": "full_name", "header": "Họ và tên", "index": 1, "letter": "B", "samples": ["Lê Thị Bé"],
         "sure": True},
    ],
    "doubtful": [
        {
            "cells": ["4", "", "0912345678"],
            "doubts": [{"field": "Họ và tên", "reason": "Thiếu họ tên", "value": ""}],
            "row": 5,
            "sheet": "Sheet",
        }
    ],
    "good": [
        {
            "cells": ["2", "Lê Thị Bé", "0234 3363861"],
            "draft": {
                "audiences": ["elderly", "other"], "birth_year": 1951, "device": "", "email": None,
                "full_name": "Lê Thị Bé", "neighbourhood": {"key": "tdp 4", "name": "TDP 4"},
                "note": "Đối tượng: phi công", "phone": "+842343363861", "phone_kind": "landline",
                "phone_note": "", "sex": None, "title": "Bà",
            },
            "notes": ["Giới tính “N” chưa rõ nên để trống"],
            "row": 3,
            "sheet": "Sheet",
        }
    ],
    "header": ["STT", "Họ và tên", "Số điện thoại"],
    "repeated": 1,
    "sheets": [
        {"font": None, "header_row": 1, "left_out": ["Số CCCD"], "name": "Sheet", "rows": 3, "skipped": 0}
    ],
}  # fmt: skip

TEAM_DRAFT: dict[str, Any] = {
    "email": None, "free": [{"since": "17:30:00", "until": "21:30:00", "weekday": 0}],
    "full_name": "Trần Thị Lành", "kind": "team_member", "note": "", "phone": "+84912345678",
    "phone_kind": "mobile", "phone_note": "", "position": "", "sex": "female", "teaches": ["VNeID"],
    "teaches_all": True,
    "teams": [
        {
            "role": "head",
            "team": {
                "key": "cnscd tdp 2", "kind": "community_tech_team", "name": "Tổ CNSCĐ TDP 2",
                "neighbourhood": {"key": "tdp 2", "name": "TDP 2"},
            },
        }
    ],
}  # fmt: skip


def staged(kept: dict[str, Any]) -> StagedImport:
    return StagedImport(parsed=kept)


def test_learners_staged_by_release_0_1_are_read() -> None:
    parsed = parsed_list_of(staged(LEARNERS), LearnerDraft.from_json)

    assert parsed.read == 3
    assert [row.draft for row in parsed.good] == [
        LearnerDraft(
            full_name="Lê Thị Bé",
            title="Bà",
            birth_year=1951,
            phone="+842343363861",
            phone_kind="landline",
            neighbourhood=NeighbourhoodName("TDP 4", "tdp 4"),
            audiences=("elderly", "other"),
            note="Đối tượng: phi công",
        )
    ]
    doubt = Doubt("Họ và tên", "", "Thiếu họ tên")
    assert parsed.doubtful == [DoubtfulRow("Sheet", 5, ("4", "", "0912345678"), (doubt,))]
    assert parsed.columns[0].samples == ("Lê Thị Bé",)


def test_helpers_staged_by_release_0_1_are_read() -> None:
    place = NeighbourhoodName("TDP 2", "tdp 2")
    team = TeamDraft("community_tech_team", "Tổ CNSCĐ TDP 2", "cnscd tdp 2", place)

    assert TrainerDraft.from_json(TEAM_DRAFT) == TrainerDraft(
        full_name="Trần Thị Lành",
        kind="team_member",
        sex="female",
        phone="+84912345678",
        phone_kind="mobile",
        teams=(MembershipDraft(team, "head"),),
        teaches=("VNeID",),
        teaches_all=True,
        free=(WeeklyHours(0, time(17, 30), time(21, 30)),),
    )


DAMAGES: list[Callable[[dict[str, Any]], object]] = [
    lambda kept: kept.pop("repeated"),
    lambda kept: kept["columns"][0].update(width=3),
    lambda kept: kept["good"][0]["draft"].update(nickname="Bé"),
    lambda kept: kept["good"][0]["draft"].pop("neighbourhood"),
    lambda kept: kept["good"][0].update(draft=None),
    lambda kept: kept.update(sheets=None),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_list_staged_in_another_form_is_refused(damage: Callable[[dict[str, Any]], object]) -> None:
    kept = deepcopy(LEARNERS)
    damage(kept)

    with pytest.raises(StagedFormChanged):
        parsed_list_of(staged(kept), LearnerDraft.from_json)


async def test_page_of_list_in_former_format_asks_for_the_file(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        user = await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")
        old = StagedImport(
            ward_id="19753", kind="learners", digest="", id=uuid4(), made_by=user.id, made_at=NOON, parsed={}
        )
        db.add(old)
        await db.flush()
        here = f"/nguoi-hoc/19753/nhap/{old.id}"
    async with app.client_as("ha@example.org") as client:
        review = await client.get(here)
        confirmed = await client.post(f"{here}/luu")
        discarded = await client.post(f"{here}/bo")

    assert review.status_code == confirmed.status_code == 409
    assert "Xin gửi lại tệp." in review.text
    assert discarded.status_code == 303
    async with app.sessions() as db:
        assert (await db.scalars(select(Learner))).all() == []
