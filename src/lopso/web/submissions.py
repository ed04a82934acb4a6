"""A form that creates something, posted twice, creates it once.

The page puts a fresh id into the form (`form.once()` in templates/macros/form.html). The first post of that
id with these fields is processed, and where it led to is kept; the same post again leads there too. The same
id with other fields, as after the browser's back button, is another post.
"""

import hashlib
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid5

from litestar.response import Response
from litestar.types import Message, Scope
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from lopso.kernel.operations.form_submission import FormSubmission
from lopso.kernel.parsing import read_uuid
from lopso.web.forms.typed import ONCE, Typed
from lopso.web.pages import Flash, SeeOther
from lopso.web.request import Request

_KEY = "lopso_submission"


class AlreadySubmitted(Exception):
    """The same form was processed before; `location` is where it led to."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


async def process_once(request: Request, db: AsyncSession, sent: Typed, now: datetime) -> None:
    """Let a form with an id of its own be processed once; one without passes.

    One statement, two for a repetition. Waits for the same form that is being processed at this moment.

    Raises:
        AlreadySubmitted: it was processed before.
    """
    form_id = read_uuid(sent[ONCE])
    if request.method != "POST" or form_id is None:
        return
    digest = _digest(request, sent)
    submission = uuid5(form_id, digest)
    taken = insert(FormSubmission).values(id=submission, at=now).on_conflict_do_nothing()
    if (await db.execute(taken.returning(FormSubmission.id))).scalar() is None:
        location = await db.scalar(select(FormSubmission.location).where(FormSubmission.id == submission))
        if location is not None:
            raise AlreadySubmitted(location)
    request.scope["state"][_KEY] = submission


def _digest(request: Request, sent: Typed) -> str:
    # Without authentication middleware there is no user in the scope.
    user = cast("Actor | None", cast("dict[str, Any]", request.scope).get("user"))
    fields = [request.url.path, str(user.user_id if user else None), *map("=".join, sent.pairs())]
    return hashlib.sha256("\n".join(fields).encode("utf-8", "surrogatepass")).hexdigest()


async def keep_location(scope: Scope, db: AsyncSession, answer: Message) -> None:
    """Note where a form processed once led to; called before the commit of its request."""
    submission: UUID | None = scope["state"].pop(_KEY, None)
    if submission is None or answer["type"] != "http.response.start":
        return
    headers = dict(answer["headers"])
    location = headers.get(b"location") or headers.get(b"hx-redirect")
    if location is not None:
        statement = update(FormSubmission).where(FormSubmission.id == submission)
        await db.execute(statement.values(location=location.decode("latin-1")))


def answer_again(_request: Request, error: AlreadySubmitted) -> Response[bytes]:
    """The answer to a repetition: where the first one led to, and that it was saved."""
    return SeeOther(error.location, Flash(_("Việc này đã được lưu từ lần bấm trước, không lưu lần nữa.")))
