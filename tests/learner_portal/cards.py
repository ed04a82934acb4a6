"""Learners' cards and what is printed on them, and people to put on them."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import Certificate
from competency.service.certificates import issue_certificate
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from competency.service.sign_offs import sign_off
from learner_portal.service.pages import issue_cards
from learners.models import Learner
from lopso.kernel.audit import Subject
from lopso.kernel.settings import Settings
from scheduling.models import Enrolment
from tests.classroom import WARD, Classroom
from tests.conftest import TestApp
from tests.factories import NOON, TEST

THURSDAY = NOON + timedelta(days=3, hours=2)
"""26 November 2026, 14h00 in Huế."""

SHARED = "+84912345678"
"""The phone of bà Hồng's family."""


def addresses(pdf: bytes) -> list[str]:
    """The links of a PDF, sheet by sheet."""
    found: list[str] = []
    for sheet in PdfReader(io.BytesIO(pdf)).pages:
        notes: Any = sheet.get("/Annots") or []
        found += [str(note.get_object()["/A"]["/URI"]) for note in notes]
    return found


def words(pdf: bytes) -> list[str]:
    """The words of each sheet, on one line."""
    return [" ".join(sheet.extract_text().split()) for sheet in PdfReader(io.BytesIO(pdf)).pages]


async def card_of(db: AsyncSession, learner: Learner, settings: Settings) -> str:
    """Print a card: the path of the page behind it."""
    about = Subject("learner", learner.id, learner.ward_id)
    tokens = await issue_cards(db, [learner], secret=settings.secret, about=about, by=TEST, now=NOON)
    return f"/hv/{tokens[learner.id]}"


async def teach(db: AsyncSession, room: Classroom, learner: Learner) -> Certificate:
    """The learner shows two skills in class; the first is signed off and stands on a certificate."""
    await room.mark(db, learner)
    shown = [ObservedSkill(learner.id, skill.id, "alone", uuid4(), NOON) for skill in room.skills[:2]]
    await record_demonstrations(db, await room.roll_session(db), shown, by=room.as_helper, now=NOON)
    signed = await sign_off(db, WARD, [(learner.id, room.skills[0].id)], by=room.as_assessor, now=NOON)
    return await issue_certificate(
        db, WARD, learner.id, [signed.done[0].id], by=room.as_coordinator, now=NOON
    )


async def state_of(app: TestApp, session_id: int, learner_id: int) -> str | None:
    async with app.sessions() as db:
        return await db.scalar(
            select(Enrolment.state).where(
                Enrolment.session_id == session_id, Enrolment.learner_id == learner_id
            )
        )
