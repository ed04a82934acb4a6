"""Changes to teams and their members."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.db import violated
from lopso.kernel.errors import InvalidInput, NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.locking import locked_row
from trainers.models import TEAM_ROLES, Team, TeamMember, Trainer
from trainers.rules import TeamDetails, team_key
from venues.models import Neighbourhood


async def add_team(db: AsyncSession, ward_id: str, details: TeamDetails, *, by: Actor, now: datetime) -> Team:
    """Create a team. Does not commit.

    Raises:
        InvalidInput: the ward has this team already, or the neighbourhood is not one of this ward.
    """
    team = Team(ward_id=ward_id, **await _columns(db, ward_id, details))
    async with _checked(db):
        db.add(team)
    audit.note(db, team, "team.added", by=by, now=now)
    return team


async def edit_team(
    db: AsyncSession, ward_id: str, team_id: int, details: TeamDetails, *, by: Actor, now: datetime
) -> Team:
    """Edit a team. Does not commit.

    Raises:
        NotFound: no such team in this ward.
        InvalidInput: the ward has this team already, or the neighbourhood is not one of this ward.
    """
    team = await locked_row(db, Team, ward_id, team_id)
    columns = await _columns(db, ward_id, details)
    changed = sorted(name for name, value in columns.items() if getattr(team, name) != value)
    if changed:
        async with _checked(db):
            for name in changed:
                setattr(team, name, columns[name])
        audit.note(db, team, "team.edited", by=by, now=now, changed=changed)
    return team


async def disband(db: AsyncSession, ward_id: str, team_id: int, *, by: Actor, now: datetime) -> Team:
    """Disband a team; its members stay helpers. Disbanding again changes nothing. Does not commit."""
    team = await locked_row(db, Team, ward_id, team_id)
    if team.disbanded_at is None:
        team.disbanded_at = now
        audit.note(db, team, "team.disbanded", by=by, now=now)
    return team


async def bring_back(db: AsyncSession, ward_id: str, team_id: int, *, by: Actor, now: datetime) -> Team:
    """Undo the disbanding, with the members it had. Doing it again changes nothing. Does not commit."""
    team = await locked_row(db, Team, ward_id, team_id)
    if team.disbanded_at is not None:
        team.disbanded_at = None
        audit.note(db, team, "team.brought_back", by=by, now=now)
    return team


async def join_team(
    db: AsyncSession, ward_id: str, team_id: int, trainer_id: int, role: str, *, by: Actor, now: datetime
) -> TeamMember:
    """Add a helper to a team, or change the role of a member. Does not commit.

    Raises:
        NotFound: no such team or helper in this ward, or the helper has left.
        Refused: the team is disbanded.
        InvalidInput: no such role.
    """
    team = await locked_row(db, Team, ward_id, team_id)
    if team.disbanded_at is not None:
        raise Refused(_("Tổ, đội này đã giải thể."))
    if role not in TEAM_ROLES:
        raise InvalidInput({"role": _("Xin chọn vai trò trong tổ, đội.")})
    trainer = await db.scalar(
        select(Trainer).where(Trainer.id == trainer_id, Trainer.ward_id == ward_id, Trainer.left_at.is_(None))
    )
    if trainer is None:
        raise NotFound
    member = await _member(db, team_id, trainer_id)
    if member is not None and member.role == role:
        return member
    if member is None:
        member = TeamMember(ward_id=ward_id, team_id=team_id, trainer_id=trainer_id, role=role, joined_at=now)
        db.add(member)
        action = "team.joined"
    else:
        member.role = role
        action = "team.part_changed"
    await db.flush()
    audit.note(db, team, action, by=by, now=now, trainer=trainer_id, role=role)
    return member


async def leave_team(
    db: AsyncSession, ward_id: str, team_id: int, trainer_id: int, *, by: Actor, now: datetime
) -> None:
    """End a membership, which is kept as ended. Doing it again changes nothing. Does not commit.

    Raises:
        NotFound: no such team in this ward, or the helper was never in it.
    """
    team = await locked_row(db, Team, ward_id, team_id)
    member = await db.scalar(
        select(TeamMember)
        .where(TeamMember.team_id == team_id, TeamMember.trainer_id == trainer_id)
        .order_by(TeamMember.left_at.desc().nulls_first())
        .limit(1)
    )
    if member is None:
        raise NotFound
    if member.left_at is None:
        member.left_at = now
        await db.flush()
        audit.note(db, team, "team.left", by=by, now=now, trainer=trainer_id)


async def _member(db: AsyncSession, team_id: int, trainer_id: int) -> TeamMember | None:
    return await db.scalar(
        select(TeamMember).where(
            TeamMember.team_id == team_id, TeamMember.trainer_id == trainer_id, TeamMember.left_at.is_(None)
        )
    )


async def _columns(db: AsyncSession, ward_id: str, details: TeamDetails) -> dict[str, object]:
    place_key = None
    if details.neighbourhood_id is not None:
        place_key = await db.scalar(
            select(Neighbourhood.name_key).where(
                Neighbourhood.id == details.neighbourhood_id, Neighbourhood.ward_id == ward_id
            )
        )
        if place_key is None:
            raise InvalidInput({"neighbourhood_id": _("Xin chọn tổ dân phố, thôn của phường, xã này.")})
    return {
        "kind": details.kind,
        "name": details.name,
        "name_key": team_key(details.kind, details.name, place_key),
        "neighbourhood_id": details.neighbourhood_id,
        "active_from": details.active_from,
        "active_to": details.active_to,
    }


@asynccontextmanager
async def _checked(db: AsyncSession) -> AsyncGenerator[None]:
    """A savepoint: after a refusal the transaction can still read what the page of the form needs.

    Raises:
        InvalidInput: the ward has this team already.
    """
    try:
        async with db.begin_nested():
            yield
    except IntegrityError as error:
        if violated(error) == "uq_team_ward_id_kind_name_key":
            raise InvalidInput({"name": _("Phường, xã đã có tổ, đội này.")}) from error
        raise
