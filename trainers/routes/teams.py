"""Teams of a ward: the list, the page of a team with its members, editing, disbanding."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from people.forms import PersonSearch
from people.labels import phone_label
from trainers.forms import MemberForm, TeamForm, TeamList
from trainers.labels import part_labels, team_kind_labels
from trainers.models import Team
from trainers.queries import teams as queries
from trainers.queries import trainers
from trainers.service import teams as service
from venues.queries import neighbourhood_choices

HERE = "/nguoi-day/{ward_id:str}/to"
SEEN = in_ward(Permission.SEE_PEOPLE)
MANAGED = in_ward(Permission.MANAGE_PEOPLE)


@get(HERE, opt=SEEN)
async def teams(ward_id: str, db: AsyncSession, params: TeamList) -> Response[Any]:
    """The list; a team's name is no secret, so the search may stand in the address."""
    found = await queries.teams_page(
        db, ward_id, kind=params.loai, typed=params.q, disbanded=params.giai_the, number=params.trang
    )
    return page(
        "trainers/teams.html",
        ward_id=ward_id,
        found=found,
        searched=params.q,
        kind=params.loai,
        disbanded=params.giai_the,
        kind_labels=team_kind_labels(),
    )


@get(HERE + "/moi", opt=MANAGED)
async def new(ward_id: str, db: AsyncSession) -> Response[Any]:
    """An empty form."""
    form = Form.blank(TeamForm).with_defaults(kind="community_tech_team")
    return await _form_page(db, ward_id, form)


@post(HERE + "/moi", opt=MANAGED)
async def add(
    form: Form[TeamForm], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Create a team."""
    try:
        team = await service.add_team(db, ward_id, form.value().details, by=actor, now=now)
    except InvalidInput as error:
        return await _form_page(db, ward_id, form.refused(error))
    return redirect(f"/nguoi-day/{ward_id}/to/{team.id}", flash=_("Đã thêm %(name)s.", name=team.name))


@get(HERE + "/{team_id:int}", opt=SEEN)
async def team(ward_id: str, team_id: int, db: AsyncSession) -> Response[Any]:
    """The page of a team with its members."""
    return await _team_page(db, ward_id, team_id)


@post(HERE + "/{team_id:int}/tim", status_code=200, opt=MANAGED)
async def find_member(
    form: Form[PersonSearch], ward_id: str, team_id: int, db: AsyncSession
) -> Response[Any]:
    """Helpers to add to the team, by name or phone."""
    return await _team_page(db, ward_id, team_id, searched=form.value().q)


async def _team_page(db: AsyncSession, ward_id: str, team_id: int, *, searched: str = "") -> Response[Any]:
    row, place = await queries.team_in(db, ward_id, team_id)
    members = await queries.members_of(db, team_id)
    inside = {member.trainer_id for member in members}
    found = await trainers.search_page(db, ward_id, searched, number=1) if searched else None
    return page(
        "trainers/team.html",
        ward_id=ward_id,
        team=row,
        place=place,
        members=members,
        searched=searched,
        found=[each for each in found.items if each.trainer.id not in inside][:10] if found else None,
        kind_labels=team_kind_labels(),
        part_labels=part_labels(row.kind),
        phone_label=phone_label,
    )


@get(HERE + "/{team_id:int}/sua", opt=MANAGED)
async def edit_page(ward_id: str, team_id: int, db: AsyncSession) -> Response[Any]:
    """The form with what is stored."""
    row, _place = await queries.team_in(db, ward_id, team_id)
    return await _form_page(db, ward_id, Form.of(TeamForm.of(row)), team=row)


@post(HERE + "/{team_id:int}/sua", opt=MANAGED)
async def save(
    form: Form[TeamForm], ward_id: str, team_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Save an edited team."""
    try:
        await service.edit_team(db, ward_id, team_id, form.value().details, by=actor, now=now)
    except InvalidInput as error:
        row, _place = await queries.team_in(db, ward_id, team_id)
        return await _form_page(db, ward_id, form.refused(error), team=row)
    return redirect(f"/nguoi-day/{ward_id}/to/{team_id}", flash=_("Đã lưu thông tin."))


@post(HERE + "/{team_id:int}/thanh-vien", opt=MANAGED)
async def join(
    form: Form[MemberForm], ward_id: str, team_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Add a helper to the team or change their role; from the page of the team or of the helper."""
    member = form.value()
    trainer_id = member.trainer or 0
    await service.join_team(db, ward_id, team_id, trainer_id, member.role, by=actor, now=now)
    return redirect(member.back or f"/nguoi-day/{ward_id}/to/{team_id}", flash=_("Đã lưu thành viên."))


@post(HERE + "/{team_id:int}/thanh-vien/{trainer_id:int}/roi", opt=MANAGED)
async def leave(
    ward_id: str, team_id: int, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """End a membership."""
    await service.leave_team(db, ward_id, team_id, trainer_id, by=actor, now=now)
    return redirect(f"/nguoi-day/{ward_id}/to/{team_id}", flash=_("Đã đưa ra khỏi tổ, đội."))


@post(HERE + "/{team_id:int}/giai-the", opt=MANAGED)
async def disband(ward_id: str, team_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Disband the team."""
    row = await service.disband(db, ward_id, team_id, by=actor, now=now)
    return redirect(
        f"/nguoi-day/{ward_id}/to",
        flash=_("Đã giải thể %(name)s.", name=row.name),
        undo_url=f"/nguoi-day/{ward_id}/to/{team_id}/lap-lai",
    )


@post(HERE + "/{team_id:int}/lap-lai", opt=MANAGED)
async def bring_back(
    ward_id: str, team_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Undo the disbanding."""
    row = await service.bring_back(db, ward_id, team_id, by=actor, now=now)
    return redirect(
        f"/nguoi-day/{ward_id}/to/{team_id}", flash=_("%(name)s hoạt động trở lại.", name=row.name)
    )


async def _form_page(
    db: AsyncSession, ward_id: str, form: Form[TeamForm], *, team: Team | None = None
) -> Response[Any]:
    return page(
        "trainers/team_form.html",
        ward_id=ward_id,
        form=form,
        team=team,
        places=await neighbourhood_choices(db, ward_id),
        kind_labels=team_kind_labels(),
    )


HANDLERS = [
    teams, new, add, team, find_member, edit_page, save, join, leave, disband, bring_back
]  # fmt: skip
