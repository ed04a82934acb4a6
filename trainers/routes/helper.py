"""The page of a helper: contact, teams, skills, free hours, account."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.rules.codes import grouped
from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page
from lopso.web.request import Request
from people.labels import sex_labels
from trainers.labels import free_time_labels, kind_labels, part_labels
from trainers.queries import trainers as queries
from trainers.queries.teams import teams_to_join
from trainers.service.accounts import give_account, make_helper_code

HERE = "/nguoi-day/{ward_id:str}/{trainer_id:int}"


@get(HERE, opt=in_ward(Permission.SEE_PEOPLE))
async def helper(ward_id: str, trainer_id: int, db: AsyncSession) -> Response[Any]:
    """The page of a helper."""
    return await _helper_page(db, ward_id, trainer_id)


@post(HERE + "/so-dien-thoai", status_code=200, opt=in_ward(Permission.MANAGE_PEOPLE))
async def show_phone(
    request: Request, ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The whole phone number; each time it is shown is audited."""
    trainer = await queries.trainer_in(db, ward_id, trainer_id)
    if trainer.phone:
        audit.note(db, trainer, "trainer.phone_shown", by=actor, now=now)
    name = "trainers/_phone.html" if is_htmx(request) else "trainers/phone.html"
    return page(name, ward_id=ward_id, trainer=trainer)


@post(HERE + "/tai-khoan", status_code=200, opt=in_ward(Permission.MANAGE_PEOPLE))
async def account(
    request: Request, ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """A link to choose a password, shown once."""
    try:
        token = await give_account(db, ward_id, trainer_id, by=actor, now=now)
    except InvalidInput as error:
        sentence = next(iter(error.fields.values()))
        return await _helper_page(db, ward_id, trainer_id, errors={"": sentence})
    link = f"{request.app.state.settings.public_url}/loi-moi/{token}"
    return await _helper_page(db, ward_id, trainer_id, link=link)


@post(HERE + "/tai-khoan/ma", status_code=200, opt=in_ward(Permission.MANAGE_PEOPLE))
async def account_code(
    ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """A code for a new password, to be read out; shown once."""
    code = await make_helper_code(db, ward_id, trainer_id, by=actor, now=now)
    return await _helper_page(db, ward_id, trainer_id, code=grouped(code))


async def _helper_page(
    db: AsyncSession,
    ward_id: str,
    trainer_id: int,
    *,
    link: str | None = None,
    code: str | None = None,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    trainer = await queries.trainer_in(db, ward_id, trainer_id)
    teams = (await queries.memberships(db, [trainer_id])).get(trainer_id, [])
    joined = {member.team_id for member in teams}
    return page(
        "trainers/helper.html",
        ward_id=ward_id,
        status=422 if errors else 200,
        trainer=trainer,
        teams=teams,
        may_join=[(team.id, team.name) for team in await teams_to_join(db, ward_id) if team.id not in joined],
        taught=await queries.taught_by(db, trainer_id),
        free=free_time_labels(await queries.hours_of(db, trainer_id)),
        login=await queries.login_of(db, trainer),
        link=link,
        code=code,
        errors=errors or {},
        kind_labels=kind_labels(),
        part_labels=part_labels,
        sex_labels=sex_labels(),
    )


HANDLERS = [helper, show_phone, account, account_code]
