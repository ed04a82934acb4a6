"""Wordings of the city: drafted, discarded, activated.

A version that has been in use never changes: another wording is another version. Planned messages keep the
body they were planned with; reminders, which may wait for weeks, are planned anew, ward by ward.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import unaccent
from wordings.events import WordingActivated
from wordings.models import MessageTemplate
from wordings.service.checks import message_class_of, normalized, wording_fault
from wordings.service.versions import locked_versions, new_version

MAX_REGISTERED_ID = 60
"""Characters of the name under which the operators have registered a wording."""


async def save_draft(db: AsyncSession, code: str, body: str, *, by: Actor, now: datetime) -> MessageTemplate:
    """Store `body` as the draft of the next version; there is one draft at a time. Does not commit.

    Raises:
        NotFound: no such wording.
        InvalidInput: with the reason why it may not be used, at "body".
    """
    rows = await locked_versions(db, code)
    body = normalized(body)
    if fault := wording_fault(code, message_class_of(code), body):
        raise InvalidInput({"body": fault})
    draft = _draft_among(rows)
    if draft is None:
        draft = new_version(code, "vi", rows[0].version + 1, body, created_at=now, created_by=by.user_id)
        db.add(draft)
    else:
        draft.body_accented, draft.body = body, unaccent(body)
        draft.created_at, draft.created_by = now, by.user_id
    await db.flush()
    _note(db, draft, "wording.drafted", by=by, now=now)
    return draft


async def discard_draft(db: AsyncSession, code: str, *, by: Actor, now: datetime) -> None:
    """Delete the draft of a wording; without one nothing changes. Does not commit.

    Raises:
        NotFound: no such wording.
    """
    draft = _draft_among(await locked_versions(db, code))
    if draft is not None:
        _note(db, draft, "wording.discarded", by=by, now=now)
        await db.delete(draft)
        await db.flush()


async def activate_draft(
    db: AsyncSession, code: str, registered_id: str, *, registration_required: bool, by: Actor, now: datetime
) -> MessageTemplate:
    """Make the draft the version in use and retire the one before. Does not commit.

    Args:
        registration_required: the provider refuses wordings without a registered id.

    Raises:
        NotFound: no such wording, or no draft of it.
        InvalidInput: no registered id where one is required, or the wording may not be used.
    """
    rows = await locked_versions(db, code)
    draft = _draft_among(rows)
    if draft is None:
        raise NotFound
    registered_id = " ".join(registered_id.split())
    _check_registered_id(registered_id, required=registration_required)
    if fault := wording_fault(code, draft.message_class, draft.body_accented):
        raise InvalidInput({"body": fault})
    for row in rows:
        if row.activated_at is not None and row.retired_at is None:
            row.retired_at = now
    await db.flush()  # before the draft is activated: one version at a time is in use
    draft.activated_at, draft.activated_by = now, by.user_id
    draft.registered_id = registered_id or None
    await db.flush()
    _note(db, draft, "wording.put_into_use", by=by, now=now)
    await publish(db, WordingActivated(code, draft.purpose, by, now))
    return draft


def _check_registered_id(registered_id: str, *, required: bool) -> None:
    if required and not registered_id:
        raise InvalidInput(
            {"registered_id": _("Nhà cung cấp chỉ gửi mẫu đã đăng ký; xin ghi mã đã được cấp.")}
        )
    if len(registered_id) > MAX_REGISTERED_ID:
        raise InvalidInput({"registered_id": _("Mã đăng ký dài quá %(n)s chữ.", n=MAX_REGISTERED_ID)})


def _draft_among(rows: list[MessageTemplate]) -> MessageTemplate | None:
    return next((row for row in rows if row.activated_at is None), None)


def _note(db: AsyncSession, row: MessageTemplate, action: str, *, by: Actor, now: datetime) -> None:
    audit.note(
        db,
        audit.Subject("message_template", row.id),
        action,
        by=by,
        now=now,
        code=row.code,
        version=row.version,
        registered_id=row.registered_id or "",
    )
