"""The framework for everybody to read; new editions for the city's administrator."""

import json
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import SIGNED_IN, in_city
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from lopso.web.uploads import LARGEST_UPLOAD, uploaded
from skills import queries, service
from skills.forms import EditionForm
from skills.rules import LARGEST, EditionFile, read_edition

HERE = "/ky-nang"
ADMINISTERED = in_city(Permission.MANAGE_CITY)
MOST_PROBLEMS = 12  # of a file; with more of them it is another kind of file


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


@get(HERE + "/nhap", opt=ADMINISTERED)
async def new_edition() -> Response[Any]:
    """The form for a new edition."""
    return page("skills/import_edition.html", problems=())


@post(HERE + "/nhap", opt=ADMINISTERED, request_max_body_size=LARGEST_UPLOAD)
async def preview_edition(request: Request, db: AsyncSession) -> Response[Any]:
    """What a file holds and what would change; changes nothing."""
    raw = await uploaded(request, "file", most=LARGEST + 1)
    if not raw:
        raise InvalidInput({"file": _("Xin chọn tệp.")})
    return await _preview(db, read_edition(raw))


async def _preview(db: AsyncSession, read: EditionFile) -> Response[Any]:
    if read.problems:
        return page(
            "skills/import_edition.html",
            status=422,
            problems=read.problems[:MOST_PROBLEMS],
            errors={"file": _("Tệp này chưa dùng được.")},
        )
    coming = {skill["code"]: skill["name_vi"] for group in read.data["groups"] for skill in group["skills"]}
    now_there = await queries.current_codes(db)
    return page(
        "skills/import_preview.html",
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


@post(HERE + "/nhap/luu", opt=ADMINISTERED, request_max_body_size=LARGEST_UPLOAD)
async def load_edition(
    form: Form[EditionForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Load the edition that was previewed; it becomes the current one."""
    read = read_edition(form.value().edition.encode())
    if read.problems:  # another text than the one that was previewed
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
