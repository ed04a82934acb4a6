"""Unresolved delivery problems: messages that may not have arrived, by kind and session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.paging import Page
from notifications.models import Message
from notifications.queries.message_rows import MessageRow, page_of
from notifications.rules.delivery_problems import ProblemKind, problem_kind
from notifications.rules.states import PROBLEM_STATES
from scheduling.models import ClassSession

RECENT = timedelta(days=7)

_StateReason = tuple[str, str, str]
"""State, reason and provider's code."""

_OUTCOME = (Message.state, Message.state_reason, func.coalesce(Message.error_code, ""))


@dataclass(frozen=True, slots=True)
class ProblemCounts:
    """Number of unresolved delivery problems of the last week, by outcome."""

    by_outcome: Mapping[_StateReason, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_outcome.values())

    @property
    def by_kind(self) -> dict[ProblemKind, int]:
        """The same by kind."""
        found: dict[ProblemKind, int] = {}
        for (state, reason, code), number in self.by_outcome.items():
            kind = problem_kind(state, reason, code)
            found[kind] = found.get(kind, 0) + number
        return found

    def outcomes_of(self, kind: ProblemKind) -> list[_StateReason]:
        """The outcomes that make up `kind`."""
        return [outcome for outcome in self.by_outcome if problem_kind(*outcome) == kind]


async def problem_counts(db: AsyncSession, ward_id: str, *, now: datetime) -> ProblemCounts:
    """The open delivery problems of a ward in the last week; one statement."""
    rows = await db.execute(
        select(*_OUTCOME, func.count()).where(*_open_problems(ward_id, now)).group_by(*_OUTCOME)
    )
    return ProblemCounts({(state, reason, code): number for state, reason, code, number in rows})


async def problem_page(
    db: AsyncSession,
    ward_id: str,
    counts: ProblemCounts,
    *,
    kind: ProblemKind | None = None,
    now: datetime,
    number: int = 1,
) -> Page[MessageRow]:
    """Unresolved delivery problems: sessions still to come first, the nearest on top; three statements."""
    where = _open_problems(ward_id, now)
    if kind is not None:
        where.append(tuple_(*_OUTCOME).in_(counts.outcomes_of(kind)))
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
        total=counts.by_kind.get(kind, 0) if kind else counts.total,
    )


def by_session(rows: Sequence[MessageRow]) -> list[list[MessageRow]]:
    """Rows grouped by session, in their order."""
    found: dict[int | None, list[MessageRow]] = {}
    for row in rows:
        found.setdefault(row.message.session_id, []).append(row)
    return list(found.values())


def _open_problems(ward_id: str, now: datetime) -> list[ColumnElement[bool]]:
    """The condition of unresolved delivery problems of a ward's last week."""
    return [
        Message.ward_id == ward_id,
        Message.due_at >= now - RECENT,
        Message.due_at <= now,
        Message.state.in_(PROBLEM_STATES),
        Message.resolved_at.is_(None),
    ]
