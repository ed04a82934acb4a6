"""``lopso private-numbers``: numbers of papers and accounts in notes that earlier versions kept.

Forms and imports leave such numbers out (`lopso.kernel.private_numbers`); rows saved before they did are
found here, counted by ward without a number being printed, and cleaned on demand.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import Certificate, Demonstration, SignOff
from learners.models import Learner
from lopso.application.installation import Installation, check_ready, open_installation
from lopso.application.wiring import LISTENERS
from lopso.kernel import audit
from lopso.kernel import db as database
from lopso.kernel.access import system
from lopso.kernel.db import Base
from lopso.kernel.i18n import gettext as _
from lopso.kernel.private_numbers import without_private_numbers
from lopso.kernel.shared_clock import SharedClock
from scheduling.models import Assignment, ClassSession, Course, Enrolment
from trainers.models import Trainer
from venues.models import Venue, Ward

COMMAND = system("lopso")

FREE_TEXT: Mapping[type[Base], tuple[str, ...]] = {
    Learner: ("note", "phone_note", "device"),
    Trainer: ("note", "phone_note", "position"),
    Course: ("summary",),
    ClassSession: ("note", "cancel_reason"),
    Assignment: ("reason",),
    Enrolment: ("cancel_reason",),
    Venue: ("landmark",),
    Demonstration: ("void_reason",),
    SignOff: ("revoke_reason",),
    Certificate: ("revoke_reason",),
}
"""Columns with words of one's own that may be changed; nobody types the note of a demonstration."""

_MAY_HOLD_ONE = r"\d([ .\u00a0-]*\d){5}"


@dataclass(frozen=True, slots=True)
class KeptNumbers:
    """A row with such numbers: its columns as they would be without, and how many numbers there are."""

    table: Table
    id: int
    ward_id: str
    clean: Mapping[str, str]
    count: int


async def kept_numbers(
    db: AsyncSession, *, ward_id: str | None = None, lock: bool = False
) -> list[KeptNumbers]:
    """Find the rows; one statement a table. `lock`: they are going to be changed."""
    found: list[KeptNumbers] = []
    for model, names in FREE_TEXT.items():
        table: Any = model.__table__
        columns = [table.c[name] for name in names]
        query = select(table.c.id, table.c.ward_id, *columns).order_by(table.c.id)
        query = query.where(or_(*(column.regexp_match(_MAY_HOLD_ONE) for column in columns)))
        if ward_id is not None:
            query = query.where(table.c.ward_id == ward_id)
        for row in (await db.execute(query.with_for_update() if lock else query)).all():
            texts = {name: without_private_numbers(getattr(row, name) or "") for name in names}
            clean = {name: text.text for name, text in texts.items() if text.count}
            if clean:
                count = sum(text.count for text in texts.values())
                found.append(KeptNumbers(table, row.id, row.ward_id, clean, count))
    return found


async def remove_numbers(db: AsyncSession, found: Iterable[KeptNumbers], *, now: datetime) -> None:
    """Take the numbers out of locked rows; one audit entry a row, which names columns. Does not commit."""
    for kept in found:
        await db.execute(update(kept.table).where(kept.table.c.id == kept.id).values(**kept.clean))
        audit.note(
            db,
            audit.Subject(kept.table.name, kept.id, kept.ward_id),
            f"{kept.table.name}.private_numbers_removed",
            by=COMMAND,
            now=now,
            columns=sorted(kept.clean),
            numbers=kept.count,
        )


def add_command(commands: Any) -> None:
    """Add the command to the parser (argparse does not name the type of `commands`)."""
    numbers = commands.add_parser(
        "private-numbers", help="count numbers of papers and accounts in saved notes, or remove them"
    )
    numbers.add_argument("--ward", metavar="CODE", help="one ward only")
    numbers.add_argument("--remove", action="store_true", help="take them out, with an audit entry a row")
    numbers.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    with open_installation(destructive=options.remove) as installation:
        check_ready(installation)
        for line in asyncio.run(_lines(installation, options.ward, remove=options.remove)):
            print(line)
    return 0


async def _lines(installation: Installation, ward_id: str | None, *, remove: bool) -> list[str]:
    engine = database.create_engine(installation.database_url, pool_size=2)
    clock = SharedClock(engine)
    await clock.set()
    try:
        async with database.session_maker(engine, LISTENERS).begin() as db:
            found = await kept_numbers(db, ward_id=ward_id, lock=remove)
            if not found:
                return [_("Không thấy số giấy tờ, tài khoản hoặc thẻ nào trong các ghi chú.")]
            lines = await _counted(db, found)
            if not remove:
                return [*lines, _("Chưa bỏ gì. Để bỏ: lopso private-numbers --remove")]
            await remove_numbers(db, found, now=clock())
            numbers = sum(kept.count for kept in found)
            return [*lines, _("Đã bỏ %(n)s số; mỗi dòng có một mục trong nhật ký.", n=numbers)]
    finally:
        await engine.dispose()


async def _counted(db: AsyncSession, found: Iterable[KeptNumbers]) -> list[str]:
    """One line a ward: how many rows and numbers."""
    rows: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for kept in found:
        rows[kept.ward_id] += 1
        numbers[kept.ward_id] += kept.count
    wards = await db.execute(select(Ward.id, Ward.full_name).where(Ward.id.in_(rows)).order_by(Ward.id))
    return [
        _(
            "%(ward)s (%(code)s): %(numbers)s số trong %(rows)s dòng",
            ward=name,
            code=code,
            numbers=numbers[code],
            rows=rows[code],
        )
        for code, name in wards
    ]
