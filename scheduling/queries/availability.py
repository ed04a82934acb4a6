"""What forms of sessions ask about helpers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from scheduling.rules.recurrence import Slot


@dataclass(frozen=True, slots=True)
class StaffWanted:
    """Whom a session would need at `slot`; `session_id` is the one that moves there, if there is one."""

    ward_id: str
    course_id: int | None
    slot: Slot
    trainers: int
    helpers: int
    session_id: int | None = None


@dataclass(frozen=True, slots=True)
class RoleAvailability:
    """Who could be asked in one role, in words.

    Attributes:
        need: the role and how many are needed.
        answer: how many can be asked; why, where nobody can.
        enough: whether they are as many as are needed.
        best: the first of them: name, and what speaks for them.
    """

    need: str
    answer: str
    enough: bool
    best: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StaffOverview:
    """Each role that is needed; `hindered` are sentences on people of the session who cannot come then."""

    roles: Sequence[RoleAvailability] = ()
    hindered: Sequence[str] = ()


NOBODY_NEEDED = StaffOverview()


@runtime_checkable
class HelperAvailability(Protocol):
    """Who is free for a session: answered by the package that staffs them.

    `lopso.application` hands it to the routes as the dependency `availability`.
    """

    async def overview(self, db: AsyncSession, wanted: StaffWanted, *, by: Actor) -> StaffOverview:
        """Who could be asked, as far as `by` may see the ward's helpers; at most eight statements."""
        ...
