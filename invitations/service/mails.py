"""Which mail tells a calendar what: the one its person will get anyway, else a new one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Mail, MailInvite
from invitations.queries.invitees import INVITEE_KINDS, invitee_of
from invitations.rules.invites import Invitee, MailPurpose

GATHERED_FOR = timedelta(minutes=1)
"""How long a mail waits for more to say."""


MOST = 100
"""Appointments in one mail: each is a part of it, and mailboxes refuse mails of too many."""


class Letter(NamedTuple):
    """What goes together in one mail."""

    ward_id: str
    invitee: Invitee
    address: str
    purpose: MailPurpose


@dataclass(frozen=True, slots=True)
class Entry:
    """An appointment (locked) for a mail.

    Attributes:
        ends_at: when its session is over, and telling of it of no more use.
        sequence: the number it goes under whatever the appointment is by then; None: what it has then.
    """

    invite_id: int
    ends_at: datetime
    sequence: int | None = None


async def put_into_mails(
    db: AsyncSession, letters: Mapping[Letter, Sequence[Entry]], *, now: datetime
) -> None:
    """See to it that each appointment is in a mail that nobody has read. Does not commit."""
    unread = await _in_unread_mails(db, [each.invite_id for entries in letters.values() for each in entries])
    placed: list[tuple[int, Entry]] = []
    untold: dict[Letter, list[Entry]] = {}
    for letter, entries in letters.items():
        takes_back = letter.purpose == "cancellation"
        for each in entries:
            mail_id = unread.get((each.invite_id, takes_back, letter.address))
            if mail_id is None:
                untold.setdefault(letter, []).append(each)
            else:
                placed.append((mail_id, each))
    if untold:
        placed += await _place(db, untold, now)
    if not placed:
        return
    row = insert(MailInvite)
    await db.execute(
        row.on_conflict_do_update(
            index_elements=["mail_id", "invite_id"],
            set_={"sequence": func.coalesce(MailInvite.sequence, row.excluded.sequence)},
        ),
        [
            {"mail_id": mail_id, "invite_id": each.invite_id, "sequence": each.sequence}
            for mail_id, each in placed
        ],
    )
    await db.execute(
        _STRETCH,
        {"ids": [mail_id for mail_id, _each in placed], "ends": [each.ends_at for _id, each in placed]},
    )


async def _place(
    db: AsyncSession, untold: Mapping[Letter, Sequence[Entry]], now: datetime
) -> list[tuple[int, Entry]]:
    """Find room in open mails, make new ones for the rest; the mail of each entry."""
    placed: list[tuple[int, Entry]] = []
    new: list[tuple[Letter, Sequence[Entry]]] = []
    spaces = await _open_mails(db, untold)
    for letter, entries in untold.items():
        rest = entries
        for mail_id, room in spaces.get(letter, ()):
            placed += [(mail_id, each) for each in rest[:room]]
            rest = rest[room:]
        new += [(letter, rest[start : start + MOST]) for start in range(0, len(rest), MOST)]
    for mail_id, (_letter, entries) in zip(await _new_mails(db, new, now), new, strict=True):
        placed += [(mail_id, each) for each in entries]
    return placed


def invitee_columns(invitee: Invitee) -> dict[str, int | None]:
    """A person as the three columns of a row that names exactly one."""
    kind, invitee_id = invitee
    return {f"{each}_id": invitee_id if each == kind else None for each in INVITEE_KINDS}


_STRETCH = text("""
    UPDATE mail SET useless_after = new.ends_at
    FROM (SELECT id, max(ends_at) AS ends_at
          FROM unnest(CAST(:ids AS bigint[]), CAST(:ends AS timestamptz[])) AS each (id, ends_at)
          GROUP BY id) new
    WHERE mail.id = new.id AND mail.useless_after < new.ends_at
""")

_IN_UNREAD = text("""
    SELECT mi.invite_id, m.purpose = 'cancellation', m.to_address, m.id
    FROM mail_invite mi JOIN mail m ON m.id = mi.mail_id
    WHERE mi.invite_id = ANY(:ids) AND m.state IN ('planned', 'claimed') AND NOT m.uncertain
""")

_OPEN = text("""
    SELECT id, ward_id, trainer_id, learner_id, user_id, to_address, purpose,
           :most - (SELECT count(*) FROM mail_invite WHERE mail_id = mail.id) AS room
    FROM mail
    WHERE state = 'planned' AND attempts = 0
      AND (trainer_id = ANY(:trainer) OR learner_id = ANY(:learner) OR user_id = ANY(:user))
    ORDER BY id FOR UPDATE SKIP LOCKED
""")


async def _in_unread_mails(db: AsyncSession, invite_ids: Sequence[int]) -> dict[tuple[int, bool, str], int]:
    """The certainly unread mails that carry these: appointment, whether to take back, address → mail."""
    if not invite_ids:
        return {}
    rows = await db.execute(_IN_UNREAD, {"ids": list(invite_ids)})
    return {(invite_id, takes_back, address): mail_id for invite_id, takes_back, address, mail_id in rows}


async def _open_mails(db: AsyncSession, letters: Iterable[Letter]) -> dict[Letter, list[tuple[int, int]]]:
    """Mails never tried yet, and how many more each can take; one that somebody else holds is left alone."""
    people: dict[str, list[int]] = {kind: [] for kind in INVITEE_KINDS}
    for letter in letters:
        kind, invitee_id = letter.invitee
        people[kind].append(invitee_id)
    found: dict[Letter, list[tuple[int, int]]] = {}
    for row in await db.execute(_OPEN, {**people, "most": MOST}):
        invitee = invitee_of(row.trainer_id, row.learner_id, row.user_id)
        letter = Letter(row.ward_id, invitee, row.to_address, row.purpose)
        found.setdefault(letter, []).append((row.id, max(0, row.room)))
    return found


async def _new_mails(
    db: AsyncSession, wanted: Sequence[tuple[Letter, Sequence[Entry]]], now: datetime
) -> Sequence[int]:
    """Ids in the order of `wanted`."""
    if not wanted:
        return ()
    rows = await db.scalars(
        insert(Mail).returning(Mail.id, sort_by_parameter_order=True),
        [
            {
                "ward_id": letter.ward_id,
                **invitee_columns(letter.invitee),
                "to_address": letter.address,
                "purpose": letter.purpose,
                "reference": uuid4(),
                "due_at": now + GATHERED_FOR,
                "useless_after": max(each.ends_at for each in entries),
                "created_at": now,
            }
            for letter, entries in wanted
        ],
    )
    return rows.all()
