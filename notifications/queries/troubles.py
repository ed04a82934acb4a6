"""Texts that perhaps reached nobody and that nobody has taken care of yet, by kind and by session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.paging import Page
from notifications.models import Message
from notifications.queries.texts import TextRow, page_of
from notifications.rules.delivery_problems import ProblemKind, problem_kind
from notifications.rules.states import PROBLEM_STATES
from scheduling.models import ClassSession

RECENT = timedelta(days=7)

_Marks = tuple[str, str, str]
"""State, reason and provider's code."""

_MARKS = (Message.state, Message.state_reason, func.coalesce(Message.error_code, ""))


@dataclass(frozen=True, slots=True)
class Troubles:
    """How many texts of the last week are in trouble, by what brought them there."""

    by_marks: Mapping[_Marks, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_marks.values())

    @property
    def by_kind(self) -> dict[ProblemKind, int]:
        """The same by kind."""
        found: dict[ProblemKind, int] = {}
        for (state, reason, code), number in self.by_marks.items():
            kind = problem_kind(state, reason, code)
            found[kind] = found.get(kind, 0) + number
        return found

    def marks_of(self, kind: ProblemKind) -> list[_Marks]:
        """What brings a text into `kind`."""
        return [marks for marks in self.by_marks if problem_kind(*marks) == kind]


async def troubles(db: AsyncSession, ward_id: str, *, now: datetime) -> Troubles:
    """What a ward's people should look after; one statement."""
    rows = await db.execute(select(*_MARKS, func.count()).where(*in_trouble(ward_id, now)).group_by(*_MARKS))
    return Troubles({(state, reason, code): number for state, reason, code, number in rows})


async def trouble_page(
    db: AsyncSession,
    ward_id: str,
    known: Troubles,
    *,
    kind: ProblemKind | None = None,
    now: datetime,
    number: int = 1,
) -> Page[TextRow]:
    """The texts in trouble: classes still to come first, the nearest at the top; three statements."""
    where = in_trouble(ward_id, now)
    if kind is not None:
        where.append(tuple_(*_MARKS).in_(known.marks_of(kind)))
    starts_at = ClassSession.starts_at
    return await page_of(
        db,
        where,
        order=(
            case((starts_at >= now, 0), (starts_at.is_not(None), 1), else_=2),
            func.abs(func.extract("epoch", starts_at - now)),
            Message.session_id,
            Message.due_at,
            Message.id,
        ),
        number=number,
        total=known.by_kind.get(kind, 0) if kind else known.total,
    )


def grouped(rows: Sequence[TextRow]) -> list[list[TextRow]]:
    """Rows under their session, in the order in which they come."""
    found: dict[int | None, list[TextRow]] = {}
    for row in rows:
        found.setdefault(row.message.session_id, []).append(row)
    return list(found.values())


def in_trouble(ward_id: str, now: datetime) -> list[ColumnElement[bool]]:
    """Texts of a ward's last week that may not have arrived, and of which nobody has taken care."""
    return [
        Message.ward_id == ward_id,
        Message.due_at >= now - RECENT,
        Message.due_at <= now,
        Message.state.in_(PROBLEM_STATES),
        Message.resolved_at.is_(None),
    ]
