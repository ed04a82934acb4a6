"""Teams of a ward: the list, one team's page with its members, founding and disbanding."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.addresses import local_path
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from people.labels import phone_label
from trainers import forms
from trainers.labels import part_labels, team_kind_labels
from trainers.models import TEAM_KINDS, Team
from trainers.queries import people
from trainers.queries import teams as queries
from trainers.service import teams as service
from venues.queries import neighbourhood_choices

HERE = "/nguoi-day/{ward_id:str}/to"


@get(HERE, opt=in_ward(Permission.SEE_PEOPLE))
async def teams(
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    loai: str | None = None,
    q: str = "",
    giai_the: bool = False,
    trang: int = 1,
) -> Response[Any]:
    """The list; a team's name is no secret, so the search may stand in the address."""
    in_ward(actor, Permission.SEE_PEOPLE, ward_id)
    kind = loai if loai in TEAM_KINDS else None
    found = await queries.teams_page(
        db, ward_id, kind=kind, typed=q[:80], disbanded=giai_the, number=max(1, trang)
    )
    return page(
        "trainers/teams.html",
        ward_id=ward_id,
        found=found,
        typed=q[:80],
        kind=kind,
        disbanded=giai_the,
        kind_labels=team_kind_labels(),
    )


@get(HERE + "/moi", opt=in_ward(Permission.MANAGE_PEOPLE))
async def new(ward_id: str, db: AsyncSession, actor: Actor) -> Response[Any]:
    """An empty form."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    values = {**dict.fromkeys(forms.TEAM_FIELDS, ""), "kind": "community_tech_team"}
    return await _form(db, ward_id, values)


@post(HERE + "/moi", opt=in_ward(Permission.MANAGE_PEOPLE))
async def add(
    request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Found a team."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    form = await request.form()
    values = forms.typed({name: str(form.get(name, "")) for name in forms.TEAM_FIELDS}, forms.TEAM_FIELDS)
    try:
        team = await service.add_team(db, ward_id, forms.read_team(values), by=actor, now=now)
    except InvalidInput as error:
        return await _form(db, ward_id, values, errors=error.fields)
    return redirect(f"/nguoi-day/{ward_id}/to/{team.id}", flash=_("Đã thêm %(name)s.", name=team.name))


@get(HERE + "/{team_id:int}", opt=in_ward(Permission.SEE_PEOPLE))
async def team(ward_id: str, team_id: int, db: AsyncSession, actor: Actor) -> Response[Any]:
    """One team and who is in it."""
    in_ward(actor, Permission.SEE_PEOPLE, ward_id)
    return await _team(db, ward_id, team_id)


@post(HERE + "/{team_id:int}/tim", status_code=200, opt=in_ward(Permission.MANAGE_PEOPLE))
async def find_member(
    request: Request[Any, Any, Any], ward_id: str, team_id: int, db: AsyncSession, actor: Actor
) -> Response[Any]:
    """Helpers to put into the team, by name or phone."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    typed = str((await request.form()).get("q", "")).strip()[:80]
    return await _team(db, ward_id, team_id, typed=typed)


async def _team(db: AsyncSession, ward_id: str, team_id: int, *, typed: str = "") -> Response[Any]:
    row, place = await queries.team_in(db, ward_id, team_id)
    members = await queries.members_of(db, team_id)
    inside = {member.trainer_id for member in members}
    found = await people.search_page(db, ward_id, typed, number=1) if typed else None
    return page(
        "trainers/team.html",
        ward_id=ward_id,
        team=row,
        place=place,
        members=members,
        typed=typed,
        found=[each for each in found.items if each.trainer.id not in inside][:10] if found else None,
        kind_labels=team_kind_labels(),
        part_labels=part_labels(row.kind),
        phone_label=phone_label,
    )


@get(HERE + "/{team_id:int}/sua", opt=in_ward(Permission.MANAGE_PEOPLE))
async def edit_page(ward_id: str, team_id: int, db: AsyncSession, actor: Actor) -> Response[Any]:
    """The form with what is known."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    row, _place = await queries.team_in(db, ward_id, team_id)
    return await _form(db, ward_id, forms.team_values(row), team=row)


@post(HERE + "/{team_id:int}/sua", opt=in_ward(Permission.MANAGE_PEOPLE))
async def save(
    request: Request[Any, Any, Any],
    ward_id: str,
    team_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Write down what changed."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    form = await request.form()
    values = forms.typed({name: str(form.get(name, "")) for name in forms.TEAM_FIELDS}, forms.TEAM_FIELDS)
    try:
        await service.edit_team(db, ward_id, team_id, forms.read_team(values), by=actor, now=now)
    except InvalidInput as error:
        row, _place = await queries.team_in(db, ward_id, team_id)
        return await _form(db, ward_id, values, team=row, errors=error.fields)
    return redirect(f"/nguoi-day/{ward_id}/to/{team_id}", flash=_("Đã lưu thông tin."))


@post(HERE + "/{team_id:int}/thanh-vien", opt=in_ward(Permission.MANAGE_PEOPLE))
async def join(
    request: Request[Any, Any, Any],
    ward_id: str,
    team_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Put a helper into the team, or give another part; from the team's page or the helper's."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    form = await request.form()
    chosen = forms.read_ids([str(form.get("trainer", ""))])
    await service.join_team(
        db,
        ward_id,
        team_id,
        chosen[0] if chosen else 0,
        str(form.get("role", "member")),
        by=actor,
        now=now,
    )
    back = local_path(str(form.get("back", "")), f"/nguoi-day/{ward_id}/to/{team_id}")
    return redirect(back, flash=_("Đã lưu thành viên."))


@post(HERE + "/{team_id:int}/thanh-vien/{trainer_id:int}/roi", opt=in_ward(Permission.MANAGE_PEOPLE))
async def leave(
    ward_id: str, team_id: int, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Take a helper out of the team."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    await service.leave_team(db, ward_id, team_id, trainer_id, by=actor, now=now)
    return redirect(f"/nguoi-day/{ward_id}/to/{team_id}", flash=_("Đã đưa ra khỏi tổ, đội."))


@post(HERE + "/{team_id:int}/giai-the", opt=in_ward(Permission.MANAGE_PEOPLE))
async def disband(ward_id: str, team_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """End the team."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    row = await service.disband(db, ward_id, team_id, by=actor, now=now)
    return redirect(
        f"/nguoi-day/{ward_id}/to",
        flash=_("Đã giải thể %(name)s.", name=row.name),
        undo_url=f"/nguoi-day/{ward_id}/to/{team_id}/lap-lai",
    )


@post(HERE + "/{team_id:int}/lap-lai", opt=in_ward(Permission.MANAGE_PEOPLE))
async def bring_back(
    ward_id: str, team_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Let the team stand again."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    row = await service.bring_back(db, ward_id, team_id, by=actor, now=now)
    return redirect(
        f"/nguoi-day/{ward_id}/to/{team_id}", flash=_("%(name)s hoạt động trở lại.", name=row.name)
    )


async def _form(
    db: AsyncSession,
    ward_id: str,
    values: dict[str, str],
    *,
    team: Team | None = None,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    return page(
        "trainers/team_form.html",
        ward_id=ward_id,
        status=422 if errors else 200,
        team=team,
        values=values,
        errors=errors or {},
        places=await neighbourhood_choices(db, ward_id),
        kind_labels=team_kind_labels(),
    )


HANDLERS = [
    teams, new, add, team, find_member, edit_page, save, join, leave, disband, bring_back
]  # fmt: skip
