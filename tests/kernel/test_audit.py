"""The short call that notes a change."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.audit import AuditEntry
from tests.factories import NOON, TEST, add_learner, add_ward
from venues.models import Market


async def entry(db: AsyncSession) -> AuditEntry:
    await db.flush()
    return (await db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))).one()


async def test_a_row_gives_its_table_id_and_ward(db: AsyncSession) -> None:
    await add_ward(db)
    learner = await add_learner(db)

    audit.note(db, learner, "learner.archived", by=TEST, now=NOON, reason="moved", count=2)

    noted = await entry(db)
    assert (noted.subject, noted.subject_id, noted.ward_id) == ("learner", str(learner.id), learner.ward_id)
    assert (noted.action, noted.at, noted.actor_name) == ("learner.archived", NOON, TEST.name)
    assert noted.facts == {"reason": "moved", "count": 2}


async def test_a_subject_stands_for_a_row(db: AsyncSession) -> None:
    audit.note(db, audit.Subject("app_user", 7), "user.invited", by=TEST, now=NOON)

    noted = await entry(db)
    assert (noted.subject, noted.subject_id, noted.ward_id, noted.facts) == ("app_user", "7", None, {})


async def test_a_row_that_is_not_flushed_is_refused(db: AsyncSession) -> None:
    with pytest.raises(ValueError, match="flushed"):
        audit.note(db, Market(name="Chợ"), "market.added", by=TEST, now=NOON)
