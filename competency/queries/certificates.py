"""Finding certificates: by their id for staff, by their serial for anybody."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import Certificate, SignOff
from lopso.kernel.errors import NotFound


def is_printed() -> ColumnElement[Any]:
    """Whether a sign-off is among those that a certificate was made of."""
    ids = func.jsonb_path_query_array(Certificate.snapshot, cast("$.skills[*].sign_off_id", JSONPATH()))
    return ids.op("@>")(func.to_jsonb(SignOff.id))


async def certificate_by_id(db: AsyncSession, certificate_id: int) -> Certificate:
    """One certificate; the caller asks for the permission in its ward.

    Raises:
        NotFound: no such certificate.
    """
    found = await db.get(Certificate, certificate_id)
    if found is None:
        raise NotFound
    return found


async def certificate_by_serial(db: AsyncSession, serial: str) -> Certificate | None:
    """The certificate behind a well-formed serial, by a unique index."""
    return await db.scalar(select(Certificate).where(Certificate.serial == serial))


async def standing_certificates(db: AsyncSession, learner_id: int, *, limit: int) -> Sequence[Certificate]:
    """A learner's certificates that were not revoked, the newest first; one statement."""
    rows = await db.scalars(
        select(Certificate)
        .where(Certificate.learner_id == learner_id, Certificate.revoked_at.is_(None))
        .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
        .limit(limit)
    )
    return rows.all()
