"""Rows of wordings: the versions of one code, a new version, the audit entry."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import NotFound
from lopso.kernel.text import unaccent
from wordings.models import MessageTemplate
from wordings.rules.placeholders import PLACEHOLDERS, purpose_of
from wordings.service.checks import message_class_of


async def locked_versions(db: AsyncSession, code: str) -> list[MessageTemplate]:
    """All versions of a wording, newest first, locked: changes to one wording are made one at a time.

    Raises:
        NotFound: no such wording.
    """
    rows = await db.scalars(
        select(MessageTemplate)
        .where(MessageTemplate.code == code, MessageTemplate.language == "vi")
        .order_by(MessageTemplate.version.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list(rows)
    if code not in PLACEHOLDERS or not found:
        raise NotFound
    return found


def new_version(
    code: str,
    language: str,
    version: int,
    body: str,
    *,
    created_at: datetime,
    created_by: int | None = None,
    activated_at: datetime | None = None,
) -> MessageTemplate:
    """A version of a wording, not yet added to the session; `body` with accents."""
    return MessageTemplate(
        code=code,
        purpose=purpose_of(code),
        version=version,
        message_class=message_class_of(code),
        language=language,
        body=unaccent(body),
        body_accented=body,
        created_at=created_at,
        created_by=created_by,
        activated_at=activated_at,
    )
