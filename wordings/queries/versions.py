"""Wordings for their pages: what is in use, what came before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from lopso.kernel.errors import NotFound
from wordings.models import MessageTemplate
from wordings.rules.facts import Wording
from wordings.rules.placeholders import PLACEHOLDERS

LATEST = 50  # versions of a wording on its page


@dataclass(frozen=True, slots=True)
class WordingVersion:
    """One version of a wording, and who wrote it (None: shipped with a release)."""

    row: MessageTemplate
    author: str | None

    @property
    def state(self) -> str:
        """ "draft", "in_use" or "retired"."""
        if self.row.activated_at is None:
            return "draft"
        return "in_use" if self.row.retired_at is None else "retired"


async def wordings(db: AsyncSession) -> dict[str, list[WordingVersion]]:
    """By code, in the order of `PLACEHOLDERS`: the version in use and the draft; one statement."""
    here = MessageTemplate.code.in_(PLACEHOLDERS)
    rows = await db.execute(_versions().where(here, MessageTemplate.retired_at.is_(None)))
    found: dict[str, list[WordingVersion]] = {code: [] for code in PLACEHOLDERS}
    for row, author in rows:
        found[row.code].append(WordingVersion(row, author))
    return {code: versions for code, versions in found.items() if versions}


async def versions_of(db: AsyncSession, code: str) -> Sequence[WordingVersion]:
    """The `LATEST` versions of one wording, newest first; one statement.

    Raises:
        NotFound: there is no such wording.
    """
    rows = await db.execute(_versions().where(MessageTemplate.code == code).limit(LATEST))
    found = [WordingVersion(row, author) for row, author in rows]
    if code not in PLACEHOLDERS or not found:
        raise NotFound
    return found


def _versions() -> Select[MessageTemplate, str]:
    return (
        select(MessageTemplate, User.name)
        .outerjoin(User, User.id == MessageTemplate.created_by)
        .where(MessageTemplate.language == "vi")
        .order_by(MessageTemplate.version.desc())
    )


async def active_wordings(db: AsyncSession, *, language: str = "vi") -> Mapping[str, Wording]:
    """The wordings in force, by code."""
    rows = await db.scalars(
        select(MessageTemplate).where(
            MessageTemplate.language == language,
            MessageTemplate.activated_at.is_not(None),
            MessageTemplate.retired_at.is_(None),
        )
    )
    return {
        row.code: Wording(
            row.id, row.code, row.message_class, row.body_accented, row.registered_id is not None
        )
        for row in rows
    }
