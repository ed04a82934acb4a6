"""Wordings: shipped ones are loaded, the city drafts its own and puts them into use.

What has been in use is never changed: another wording is another version. Texts already planned keep the
words they were planned with; reminders, which may stand for weeks, are written anew in turn.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateways.placeholders import shown, understood
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.message_safety import unsuitable
from lopso.kernel.paths import shipped
from lopso.kernel.text import nfc, unaccent
from notifications.errors import UnsuitableWording, WordingChanged
from notifications.models import MessageTemplate
from notifications.rules.facts import REMINDERS
from notifications.rules.wording import (
    PLACES,
    TO_HELPERS,
    missing_places,
    purpose_of,
    strange_places,
    stray_braces,
)
from notifications.service.policy import load_policy
from notifications.service.replanning import ask_to_replan

__all__ = [
    "check_wording",
    "discard_draft",
    "fault_of",
    "load_policy",
    "load_wordings",
    "put_into_use",
    "save_draft",
    "tidy",
]

LONGEST_BODY = 480
"""Characters of a wording with its places unfilled."""

LONGEST_ID = 60


async def load_wordings(db: AsyncSession, *, by: Actor, now: datetime) -> int:
    """Add the shipped wordings that are missing; an older shipped version is retired, a city's own stays.

    A draft of the city that has the number of a shipped version moves behind it; nothing went out with it.

    Returns:
        How many were added.

    Raises:
        UnsuitableWording, WordingChanged: the shipped file is wrong; nothing is kept.
    """
    wanted: list[dict[str, Any]] = json.loads((shipped("data") / "message_templates.json").read_text())
    rows = (await db.scalars(select(MessageTemplate))).all()
    known = {(row.code, row.language, row.version): row for row in rows}
    current = {(row.code, row.language): row for row in rows if row.activated_at and not row.retired_at}
    added = 0
    for wording in wanted:
        code, language, version = wording["code"], wording["language"], wording["version"]
        body = nfc(wording["body"])
        check_wording(code, wording["message_class"], body)
        row = known.get((code, language, version))
        if row is not None and row.created_by is None and row.body_accented != body:
            raise WordingChanged(code, version)
        in_use = current.get((code, language))
        if in_use is not None and in_use.created_by is not None:
            continue
        if row is not None and row.activated_at is not None:
            continue
        if row is not None:
            row.version = version + 1
            await db.flush()
        if in_use is not None:
            in_use.retired_at = now
            await db.flush()
        db.add(_version(code, language, version, body, created_at=now, activated_at=now))
        added += 1
    if added:
        audit.record(
            db,
            by=by,
            now=now,
            action="wordings.loaded",
            ward_id=None,
            subject="message_template",
            subject_id="*",
            facts={"added": added},
        )
    await db.flush()
    return added


def check_wording(code: str, message_class: str, body: str) -> None:
    """Refuse a wording with a place it may not use, or one for learners that sounds like a swindle.

    Raises:
        UnsuitableWording: with the reason.
    """
    if fault := fault_of(code, message_class, body):
        raise UnsuitableWording(code, fault)


def fault_of(code: str, message_class: str, body: str) -> str | None:
    """Why a wording may not be used, as a sentence; None when it may."""
    if not body:
        return _("Xin ghi lời của tin.")
    if len(body) > LONGEST_BODY:
        return _("Lời tin dài quá %(n)s chữ.", n=LONGEST_BODY)
    if strange := strange_places(code, body):
        names = ", ".join(shown(f"{{{name}}}") for name in strange)
        return _("Chỗ trống không có trong danh mục: %(names)s.", names=names)
    if stray_braces(body):
        return _("Dấu ngoặc nhọn chỉ dùng cho chỗ trống, như {nơi học}.")
    if missing := missing_places(code, body):
        names = ", ".join(shown(f"{{{name}}}") for name in missing)
        return _("Tin phải nói giờ, nơi và số để hỏi; còn thiếu %(names)s.", names=names)
    if message_class != "operations":
        return unsuitable(body)
    return None


def tidy(body: str) -> str:
    """A typed wording on one line, composed, its places by the names they are kept under.

    Control characters are left out: no phone shows them, and PostgreSQL keeps no NUL.
    """
    printable = "".join(char for char in body if char.isprintable() or char.isspace())
    return understood(" ".join(nfc(printable).split()))


async def save_draft(db: AsyncSession, code: str, body: str, *, by: Actor, now: datetime) -> MessageTemplate:
    """Keep `body` as the draft of the next version; there is one draft at a time. Does not commit.

    Raises:
        NotFound: no such wording.
        InvalidInput: with the reason why it may not be used, at "body".
    """
    rows = await _versions(db, code)
    body = tidy(body)
    message_class = class_of(code)
    if fault := fault_of(code, message_class, body):
        raise InvalidInput({"body": fault})
    draft = next((row for row in rows if row.activated_at is None), None)
    if draft is None:
        draft = _version(code, "vi", rows[0].version + 1, body, created_at=now, created_by=by.user_id)
        db.add(draft)
    else:
        draft.body_accented, draft.body = body, unaccent(body)
        draft.created_at, draft.created_by = now, by.user_id
    await db.flush()
    _note(db, draft, "wording.drafted", by=by, now=now)
    return draft


async def discard_draft(db: AsyncSession, code: str, *, by: Actor, now: datetime) -> None:
    """Throw the draft of a wording away; without one nothing changes. Does not commit.

    Raises:
        NotFound: no such wording.
    """
    draft = next((row for row in await _versions(db, code) if row.activated_at is None), None)
    if draft is not None:
        _note(db, draft, "wording.discarded", by=by, now=now)
        await db.delete(draft)
        await db.flush()


async def put_into_use(
    db: AsyncSession, code: str, registered_id: str, *, demanded: bool, by: Actor, now: datetime
) -> MessageTemplate:
    """Texts planned from now on use the draft; the former version is retired. Does not commit.

    Where it is a reminder, those already planned are written anew, ward by ward, in the next minutes.

    Args:
        demanded: the provider refuses wordings without a registered id.

    Raises:
        NotFound: no such wording, or no draft of it.
        InvalidInput: no registered id where one is demanded, or the wording may not be used.
    """
    rows = await _versions(db, code)
    draft = next((row for row in rows if row.activated_at is None), None)
    if draft is None:
        raise NotFound
    registered_id = " ".join(registered_id.split())
    if demanded and not registered_id:
        raise InvalidInput(
            {"registered_id": _("Nhà cung cấp chỉ gửi mẫu đã đăng ký; xin ghi mã đã được cấp.")}
        )
    if len(registered_id) > LONGEST_ID:
        raise InvalidInput({"registered_id": _("Mã đăng ký dài quá %(n)s chữ.", n=LONGEST_ID)})
    if fault := fault_of(code, draft.message_class, draft.body_accented):
        raise InvalidInput({"body": fault})
    for row in rows:
        if row.activated_at is not None and row.retired_at is None:
            row.retired_at = now
    await db.flush()
    draft.activated_at, draft.activated_by = now, by.user_id
    draft.registered_id = registered_id or None
    await db.flush()
    _note(db, draft, "wording.put_into_use", by=by, now=now)
    if draft.purpose in REMINDERS:
        await ask_to_replan(db, None, now=now)
    return draft


def class_of(code: str) -> str:
    """To whom a wording speaks: "operations" to helpers, "service" to learners."""
    return "operations" if code in TO_HELPERS else "service"


async def _versions(db: AsyncSession, code: str) -> list[MessageTemplate]:
    """All versions, newest first, locked: drafts of one wording are written one at a time."""
    rows = await db.scalars(
        select(MessageTemplate)
        .where(MessageTemplate.code == code, MessageTemplate.language == "vi")
        .order_by(MessageTemplate.version.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list(rows)
    if code not in PLACES or not found:
        raise NotFound
    return found


def _version(
    code: str,
    language: str,
    version: int,
    body: str,
    *,
    created_at: datetime,
    created_by: int | None = None,
    activated_at: datetime | None = None,
) -> MessageTemplate:
    return MessageTemplate(
        code=code,
        purpose=purpose_of(code),
        version=version,
        message_class=class_of(code),
        language=language,
        body=unaccent(body),
        body_accented=body,
        created_at=created_at,
        created_by=created_by,
        activated_at=activated_at,
    )


def _note(db: AsyncSession, row: MessageTemplate, action: str, *, by: Actor, now: datetime) -> None:
    audit.record(
        db,
        by=by,
        now=now,
        action=action,
        ward_id=None,
        subject="message_template",
        subject_id=row.id,
        facts={"code": row.code, "version": row.version, "registered_id": row.registered_id or ""},
    )
