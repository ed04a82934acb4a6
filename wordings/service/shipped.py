"""Wordings shipped with a release: loaded when the application is installed or upgraded."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.paths import shipped
from lopso.kernel.text import nfc
from wordings.errors import WordingChanged
from wordings.models import MessageTemplate
from wordings.service.checks import check_wording
from wordings.service.versions import new_version

_Key = tuple[str, str, int]
"""Code, language, version."""


async def load_wordings(db: AsyncSession, *, by: Actor, now: datetime) -> int:
    """Add the shipped wordings that are missing; an older shipped version is retired, a city's own stays.

    A draft of the city that has the number of a shipped version gets the next number.

    Returns:
        How many were added.

    Raises:
        UnsuitableWording, WordingChanged: the shipped file is wrong; nothing is stored.
    """
    wanted: list[dict[str, Any]] = json.loads((shipped("data") / "message_templates.json").read_text())
    rows = (await db.scalars(select(MessageTemplate))).all()
    known = {(row.code, row.language, row.version): row for row in rows}
    current = {(row.code, row.language): row for row in rows if row.activated_at and not row.retired_at}
    added = 0
    for wording in wanted:
        added += await _load(db, wording, known, current, now)
    if added:
        audit.note(db, audit.Subject("message_template", "*"), "wordings.loaded", by=by, now=now, added=added)
    await db.flush()
    return added


async def _load(
    db: AsyncSession,
    wording: Mapping[str, Any],
    known: Mapping[_Key, MessageTemplate],
    current: Mapping[tuple[str, str], MessageTemplate],
    now: datetime,
) -> bool:
    """Add one shipped wording where it is missing; whether it was."""
    code, language, version = wording["code"], wording["language"], wording["version"]
    body = nfc(wording["body"])
    check_wording(code, wording["message_class"], body)
    row = known.get((code, language, version))
    if row is not None and row.created_by is None and row.body_accented != body:
        raise WordingChanged(code, version)
    in_use = current.get((code, language))
    if in_use is not None and in_use.created_by is not None:
        return False
    if row is not None and row.activated_at is not None:
        return False
    if row is not None:
        row.version = version + 1
        await db.flush()
    if in_use is not None:
        in_use.retired_at = now
        await db.flush()
    db.add(new_version(code, language, version, body, created_at=now, activated_at=now))
    return True
