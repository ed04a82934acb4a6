"""Reading teams."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from lopso.kernel.errors import NotFound
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.text import fold
from trainers.models import Team, TeamMember, Trainer
from venues.models import Neighbourhood


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team in a list; `head` is the name of who leads it."""

    team: Team
    place: str | None
    members: int
    head: str | None


async def teams_page(
    db: AsyncSession, ward_id: str, *, kind: str | None, typed: str, disbanded: bool, number: int
) -> Page[TeamRow]:
    """A ward's teams, those of neighbourhoods in their order; two statements.

    Args:
        typed: part of the team's name, accents or not.
    """
    chosen: list[ColumnElement[bool]] = [Team.ward_id == ward_id]
    chosen.append(Team.disbanded_at.is_not(None) if disbanded else Team.disbanded_at.is_(None))
    if kind is not None:
        chosen.append(Team.kind == kind)
    if typed.strip():
        chosen.append(func.strpos(Team.name_key, fold(typed)) > 0)
    total = await db.scalar(select(func.count()).select_from(Team).where(*chosen)) or 0
    members = (
        select(func.count())
        .where(TeamMember.team_id == Team.id, TeamMember.left_at.is_(None))
        .scalar_subquery()
    )
    head = (
        select(Trainer.full_name)
        .join(TeamMember, TeamMember.trainer_id == Trainer.id)
        .where(TeamMember.team_id == Team.id, TeamMember.role == "head", TeamMember.left_at.is_(None))
        .order_by(TeamMember.id)
        .limit(1)
        .scalar_subquery()
    )
    # "TDP 2" before "TDP 10": the number in a name orders as a number.
    in_name = func.nullif(func.regexp_replace(Team.name_key, r"\D", "", "g"), "")
    rows = await db.execute(
        select(Team, Neighbourhood.name, members, head)
        .outerjoin(Neighbourhood, Neighbourhood.id == Team.neighbourhood_id)
        .where(*chosen)
        .order_by(Team.kind, func.left(in_name, 9).cast(Team.id.type), Team.name_key, Team.id)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    return Page([TeamRow(row[0], row[1], row[2], row[3]) for row in rows], number, total)


async def team_in(db: AsyncSession, ward_id: str, team_id: int) -> tuple[Team, str | None]:
    """A team of this ward and the name of its neighbourhood.

    Raises:
        NotFound: none, or of another ward.
    """
    row = (
        await db.execute(
            select(Team, Neighbourhood.name)
            .outerjoin(Neighbourhood, Neighbourhood.id == Team.neighbourhood_id)
            .where(Team.ward_id == ward_id, Team.id == team_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


async def members_of(db: AsyncSession, team_id: int) -> Sequence[TeamMember]:
    """Who is in a team now, helpers loaded: head, deputies, then members by given name; one statement."""
    rows = await db.scalars(
        select(TeamMember)
        .join(TeamMember.trainer)
        .options(contains_eager(TeamMember.trainer))
        .where(TeamMember.team_id == team_id, TeamMember.left_at.is_(None))
        .order_by(
            func.array_position(["head", "deputy", "member"], TeamMember.role), Trainer.sort_key, Trainer.id
        )
        .limit(500)
    )
    return rows.all()


async def teams_to_join(db: AsyncSession, ward_id: str) -> Sequence[Team]:
    """The ward's teams that are not disbanded, for a form; one statement."""
    rows = await db.scalars(
        select(Team)
        .where(Team.ward_id == ward_id, Team.disbanded_at.is_(None))
        .order_by(Team.kind, Team.name_key, Team.id)
        .limit(300)
    )
    return rows.all()
