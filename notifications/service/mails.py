"""Which mail tells a calendar what: the one its person will get anyway, else a new one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import Mail, MailInvite
from notifications.queries.invitees import KINDS, person_in
from notifications.rules.invites import Person, Purpose

GATHERED_FOR = timedelta(minutes=1)
"""How long a mail waits for more to say."""


class Letter(NamedTuple):
    """What goes together in one mail."""

    ward_id: str
    person: Person
    address: str
    purpose: Purpose


async def put_into_mails(
    db: AsyncSession,
    letters: Mapping[Letter, Sequence[int]],
    ends: Mapping[Letter, datetime],
    *,
    now: datetime,
) -> None:
    """See to it that each appointment (by id, locked) is in a mail that nobody has read. Does not commit.

    Args:
        ends: when the last of a letter's sessions is over, and the mail of no more use.
    """
    told = await _in_unread_mails(db, [each for ids in letters.values() for each in ids])
    untold: dict[Letter, list[int]] = {}
    for letter, ids in letters.items():
        takes_back = letter.purpose == "cancellation"
        missing = [each for each in ids if (each, takes_back, letter.address) not in told]
        if missing:
            untold[letter] = missing
    if not untold:
        return
    mails = await _open_mails(db, untold)
    mails |= await _new_mails(db, [each for each in untold if each not in mails], ends, now)
    await db.execute(
        insert_unless_there(MailInvite).on_conflict_do_nothing(),
        [
            {"mail_id": mails[letter], "invite_id": invite_id}
            for letter, ids in untold.items()
            for invite_id in ids
        ],
    )
    await db.execute(
        _STRETCH,
        {"ids": [mails[letter] for letter in untold], "ends": [ends[letter] for letter in untold]},
    )


def columns_of(person: Person) -> dict[str, int | None]:
    """A person as the three columns of a row that names exactly one."""
    kind, person_id = person
    return {f"{each}_id": person_id if each == kind else None for each in KINDS}


_STRETCH = text("""
    UPDATE mail SET useless_after = greatest(useless_after, new.ends_at)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:ends AS timestamptz[])) AS new (id, ends_at)
    WHERE mail.id = new.id
""")

_IN_UNREAD = text("""
    SELECT mi.invite_id, m.purpose = 'cancellation', m.to_address
    FROM mail_invite mi JOIN mail m ON m.id = mi.mail_id
    WHERE mi.invite_id = ANY(:ids) AND m.state IN ('planned', 'claimed') AND NOT m.uncertain
""")

_OPEN = text("""
    SELECT id, ward_id, trainer_id, learner_id, user_id, to_address, purpose FROM mail
    WHERE state = 'planned' AND attempts = 0
      AND (trainer_id = ANY(:trainer) OR learner_id = ANY(:learner) OR user_id = ANY(:user))
    ORDER BY id FOR UPDATE SKIP LOCKED
""")


async def _in_unread_mails(db: AsyncSession, invite_ids: Sequence[int]) -> set[tuple[int, bool, str]]:
    """Appointments that certainly unread mails carry: id, whether to take back, address."""
    if not invite_ids:
        return set()
    rows = await db.execute(_IN_UNREAD, {"ids": list(invite_ids)})
    return {(invite_id, takes_back, address) for invite_id, takes_back, address in rows}


async def _open_mails(db: AsyncSession, letters: Iterable[Letter]) -> dict[Letter, int]:
    """Mails never tried yet that can take more; one that somebody else holds is left alone."""
    people: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for letter in letters:
        kind, person_id = letter.person
        people[kind].append(person_id)
    return {
        Letter(
            row.ward_id, person_in(row.trainer_id, row.learner_id, row.user_id), row.to_address, row.purpose
        ): row.id
        for row in await db.execute(_OPEN, people)
    }


async def _new_mails(
    db: AsyncSession, letters: Sequence[Letter], ends: Mapping[Letter, datetime], now: datetime
) -> dict[Letter, int]:
    if not letters:
        return {}
    references = {uuid4(): letter for letter in letters}
    rows = await db.execute(
        insert(Mail).returning(Mail.id, Mail.reference),
        [
            {
                "ward_id": letter.ward_id,
                **columns_of(letter.person),
                "to_address": letter.address,
                "purpose": letter.purpose,
                "reference": reference,
                "due_at": now + GATHERED_FOR,
                "useless_after": ends[letter],
                "created_at": now,
            }
            for reference, letter in references.items()
        ],
    )
    return {references[reference]: mail_id for mail_id, reference in rows}
