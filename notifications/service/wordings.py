"""Wordings and the city's reminder policy, loaded from shipped data. Loading twice changes nothing."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from lopso.kernel.paths import shipped
from lopso.kernel.text import nfc, unaccent
from notifications.errors import UnsuitableWording, WordingChanged
from notifications.models import MessageTemplate, ReminderPolicy
from notifications.rules.caution import unsuitable
from notifications.rules.timing import Policy
from notifications.rules.wording import PLACES, places_in


async def load_wordings(db: AsyncSession, *, by: Actor, now: datetime) -> int:
    """Add the shipped wordings that are missing; an older version of the same code is retired.

    Returns:
        How many were added.

    Raises:
        UnsuitableWording, WordingChanged: the shipped file is wrong; nothing is kept.
    """
    wanted: list[dict[str, Any]] = json.loads((shipped("data") / "message_templates.json").read_text())
    rows = (await db.scalars(select(MessageTemplate))).all()
    known = {(row.code, row.language, row.version): row for row in rows}
    added = 0
    for wording in wanted:
        code, language, version = wording["code"], wording["language"], wording["version"]
        body = nfc(wording["body"])
        check_wording(code, wording["message_class"], body)
        row = known.get((code, language, version))
        if row is not None:
            if row.body_accented != body:
                raise WordingChanged(code, version)
            continue
        for older in rows:
            if (older.code, older.language, older.retired_at) == (code, language, None):
                older.retired_at = now
        await db.flush()
        db.add(
            MessageTemplate(
                code=code,
                version=version,
                message_class=wording["message_class"],
                language=language,
                body=unaccent(body),
                body_accented=body,
                created_at=now,
            )
        )
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
    strange = places_in(body) - PLACES.get(code, frozenset())
    if strange:
        names = ", ".join(sorted(strange))
        raise UnsuitableWording(code, _("Chỗ trống không có trong danh mục: %(names)s.", names=names))
    if message_class != "operations" and (reason := unsuitable(body)):
        raise UnsuitableWording(code, reason)


async def load_policy(db: AsyncSession, *, now: datetime, by: Actor) -> None:
    """The city's reminder policy, where there is none yet."""
    known = await db.scalar(select(ReminderPolicy.id).where(ReminderPolicy.ward_id.is_(None)))
    if known is not None:
        return
    usual = Policy()
    db.add(
        ReminderPolicy(
            day_before_at=usual.day_before_at,
            hours_before=usual.hours_before,
            quiet_until=usual.quiet_until,
            quiet_from=usual.quiet_from,
            daily_cap=usual.daily_cap,
        )
    )
    audit.record(
        db,
        by=by,
        now=now,
        action="reminder_policy.set",
        ward_id=None,
        subject="reminder_policy",
        subject_id="city",
    )
    await db.flush()
