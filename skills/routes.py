"""The framework as everybody may read it, and new editions for the city's administrator."""

import json
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import Forbidden, InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import SIGNED_IN, in_city
from lopso.web.pages import page, redirect
from skills import queries, service
from skills.rules import LARGEST, EditionFile, read_edition

HERE = "/ky-nang"
SHOWN = 12  # problems of a file; with more of them it is another kind of file


def _city(actor: Actor) -> None:
    if not actor.everywhere(Permission.MANAGE_CITY):
        raise Forbidden


async def _edition(db: AsyncSession, actor: Actor, framework_id: int | None) -> Response[Any]:
    try:
        found = await queries.edition(db, framework_id)
    except NotFound:
        if framework_id is not None:
            raise
        found = None
    return page(
        "skills/edition.html",
        edition=found,
        editions=await queries.editions(db),
        may_manage=actor.everywhere(Permission.MANAGE_CITY),
    )


@get(HERE, opt=SIGNED_IN)
async def current_edition(db: AsyncSession, actor: Actor) -> Response[Any]:
    """The edition that new courses draw from; six statements with the log-in."""
    return await _edition(db, actor, None)


@get(HERE + "/ban/{framework_id:int}", opt=SIGNED_IN)
async def one_edition(db: AsyncSession, actor: Actor, framework_id: int) -> Response[Any]:
    """An edition, older ones too: sign-offs made under it still point at its skills."""
    return await _edition(db, actor, framework_id)


@get(HERE + "/nhap", opt=in_city(Permission.MANAGE_CITY))
async def new_edition(actor: Actor) -> Response[Any]:
    """The form for a new edition."""
    _city(actor)
    return page("skills/load.html", problems=())


@post(HERE + "/nhap", opt=in_city(Permission.MANAGE_CITY))
async def preview_edition(request: Request[Any, Any, Any], db: AsyncSession, actor: Actor) -> Response[Any]:
    """What a file holds and what would change; changes nothing."""
    _city(actor)
    sent = (await request.form()).get("file")
    raw = await sent.read(LARGEST + 1) if isinstance(sent, UploadFile) else b""
    if not raw:
        raise InvalidInput({"file": _("Xin chọn tệp.")})
    read = read_edition(raw)
    return await _preview(db, read)


async def _preview(db: AsyncSession, read: EditionFile) -> Response[Any]:
    if read.problems:
        return page(
            "skills/load.html",
            status=422,
            problems=read.problems[:SHOWN],
            errors={"file": _("Tệp này chưa dùng được.")},
        )
    coming = {skill["code"]: skill["name_vi"] for group in read.data["groups"] for skill in group["skills"]}
    now_there = await queries.current_codes(db)
    return page(
        "skills/preview.html",
        data=read.data,
        text=json.dumps(read.data, ensure_ascii=False),
        count=len(coming),
        added=[(code, name) for code, name in coming.items() if code not in now_there],
        gone=[(code, name) for code, name in now_there.items() if code not in coming],
        renamed=[
            (code, now_there[code], name)
            for code, name in coming.items()
            if code in now_there and now_there[code] != name
        ],
    )


@post(HERE + "/nhap/luu", opt=in_city(Permission.MANAGE_CITY))
async def load_edition(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Load the edition that was previewed; it becomes the current one."""
    _city(actor)
    read = read_edition(str((await request.form()).get("edition", "")).encode())
    if read.problems:  # somebody else's text than the one we showed
        return await _preview(db, read)
    framework = await service.load_edition(db, read.data, by=actor, now=now)
    return redirect(
        HERE,
        flash=_(
            "%(title)s, bản %(version)s, nay là khung đang dùng.",
            title=framework.title,
            version=framework.version,
        ),
    )


HANDLERS = [current_edition, one_edition, new_edition, preview_edition, load_edition]
