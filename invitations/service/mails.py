"""Which mail carries which invites: a mail that is planned for the invitee anyway, else a new one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Mail, MailInvite
from invitations.rules.invites import INVITEE_KINDS, Invitee, MailPurpose, invitee_of

BATCH_WINDOW = timedelta(minutes=1)
"""How long a new mail waits for further changes."""


MAX_ITEMS = 100
"""Invites in one mail at most: each is a MIME part, and mail servers refuse too many."""


class MailKey(NamedTuple):
    """What all invites of one mail have in common."""

    ward_id: str
    invitee: Invitee
    address: str
    purpose: MailPurpose


@dataclass(frozen=True, slots=True)
class MailItem:
    """An invite (locked) to be put into a mail.

    Attributes:
        ends_at: end of its session; a later mail about it is useless.
        sequence: SEQUENCE to be sent whatever the invite has by then; None: the one it has then.
    """

    invite_id: int
    ends_at: datetime
    sequence: int | None = None


async def add_to_mails(
    db: AsyncSession, items_by_key: Mapping[MailKey, Sequence[MailItem]], *, now: datetime
) -> None:
    """Put each invite into a mail that was certainly not sent yet. Does not commit."""
    unsent = await _unsent_mails(db, [each.invite_id for items in items_by_key.values() for each in items])
    assigned: list[tuple[int, MailItem]] = []
    unassigned: dict[MailKey, list[MailItem]] = {}
    for key, items in items_by_key.items():
        is_cancellation = key.purpose == "cancellation"
        for each in items:
            mail_id = unsent.get((each.invite_id, is_cancellation, key.address))
            if mail_id is None:
                unassigned.setdefault(key, []).append(each)
            else:
                assigned.append((mail_id, each))
    if unassigned:
        assigned += await _assign_mails(db, unassigned, now)
    if not assigned:
        return
    row = insert(MailInvite)
    await db.execute(
        row.on_conflict_do_update(
            index_elements=["mail_id", "invite_id"],
            set_={"sequence": func.coalesce(MailInvite.sequence, row.excluded.sequence)},
        ),
        [
            {"mail_id": mail_id, "invite_id": each.invite_id, "sequence": each.sequence}
            for mail_id, each in assigned
        ],
    )
    await db.execute(
        _EXTEND_USEFUL_TIME,
        {"ids": [mail_id for mail_id, _each in assigned], "ends": [each.ends_at for _id, each in assigned]},
    )


async def drop_from_unsent_mails(db: AsyncSession, invite_ids: Sequence[int | None]) -> None:
    """Take invites out of mails that were certainly not sent; a mail left empty is never sent."""
    await db.execute(_DROP_UNSENT, {"ids": [each for each in invite_ids if each is not None]})


async def _assign_mails(
    db: AsyncSession, unassigned: Mapping[MailKey, Sequence[MailItem]], now: datetime
) -> list[tuple[int, MailItem]]:
    """Assign items to open mails with space left, and to new ones; mail id and item."""
    assigned: list[tuple[int, MailItem]] = []
    new: list[tuple[MailKey, Sequence[MailItem]]] = []
    open_mails = await _open_mails(db, unassigned)
    for key, items in unassigned.items():
        rest = items
        for mail_id, free in open_mails.get(key, ()):
            assigned += [(mail_id, each) for each in rest[:free]]
            rest = rest[free:]
        new += [(key, rest[start : start + MAX_ITEMS]) for start in range(0, len(rest), MAX_ITEMS)]
    for mail_id, (_key, items) in zip(await _new_mails(db, new, now), new, strict=True):
        assigned += [(mail_id, each) for each in items]
    return assigned


def invitee_columns(invitee: Invitee) -> dict[str, int | None]:
    """The three columns of a row that name an invitee; exactly one is set."""
    kind, invitee_id = invitee
    return {f"{each}_id": invitee_id if each == kind else None for each in INVITEE_KINDS}


_EXTEND_USEFUL_TIME = text("""
    UPDATE mail SET useless_after = new.ends_at
    FROM (SELECT id, max(ends_at) AS ends_at
          FROM unnest(CAST(:ids AS bigint[]), CAST(:ends AS timestamptz[])) AS each (id, ends_at)
          GROUP BY id) new
    WHERE mail.id = new.id AND mail.useless_after < new.ends_at
""")

_DROP_UNSENT = text("""
    DELETE FROM mail_invite mi USING mail m
    WHERE m.id = mi.mail_id AND mi.invite_id = ANY(:ids) AND mi.sequence IS NULL
      AND m.state IN ('planned', 'claimed') AND NOT m.uncertain
""")

_UNSENT_ITEMS = text("""
    SELECT mi.invite_id, m.purpose = 'cancellation', m.to_address, m.id
    FROM mail_invite mi JOIN mail m ON m.id = mi.mail_id
    WHERE mi.invite_id = ANY(:ids) AND m.state IN ('planned', 'claimed') AND NOT m.uncertain
""")

_OPEN_MAILS = text("""
    SELECT id, ward_id, trainer_id, learner_id, user_id, to_address, purpose,
           :max_items - (SELECT count(*) FROM mail_invite WHERE mail_id = mail.id) AS free
    FROM mail
    WHERE state = 'planned' AND attempts = 0
      AND (trainer_id = ANY(:trainer) OR learner_id = ANY(:learner) OR user_id = ANY(:user))
    ORDER BY id FOR UPDATE SKIP LOCKED
""")


async def _unsent_mails(db: AsyncSession, invite_ids: Sequence[int]) -> dict[tuple[int, bool, str], int]:
    """Mails certainly not sent yet that carry these: (invite, whether to cancel, address) → mail id."""
    if not invite_ids:
        return {}
    rows = await db.execute(_UNSENT_ITEMS, {"ids": list(invite_ids)})
    return {
        (invite_id, is_cancellation, address): mail_id
        for invite_id, is_cancellation, address, mail_id in rows
    }


async def _open_mails(db: AsyncSession, keys: Iterable[MailKey]) -> dict[MailKey, list[tuple[int, int]]]:
    """Mails never attempted, and how many more invites each can take; locked ones are left out."""
    ids_by_kind: dict[str, list[int]] = {kind: [] for kind in INVITEE_KINDS}
    for key in keys:
        kind, invitee_id = key.invitee
        ids_by_kind[kind].append(invitee_id)
    found: dict[MailKey, list[tuple[int, int]]] = {}
    for row in await db.execute(_OPEN_MAILS, {**ids_by_kind, "max_items": MAX_ITEMS}):
        invitee = invitee_of(row.trainer_id, row.learner_id, row.user_id)
        key = MailKey(row.ward_id, invitee, row.to_address, row.purpose)
        found.setdefault(key, []).append((row.id, max(0, row.free)))
    return found


async def _new_mails(
    db: AsyncSession, wanted: Sequence[tuple[MailKey, Sequence[MailItem]]], now: datetime
) -> Sequence[int]:
    """Ids in the order of `wanted`."""
    if not wanted:
        return ()
    rows = await db.scalars(
        insert(Mail).returning(Mail.id, sort_by_parameter_order=True),
        [
            {
                "ward_id": key.ward_id,
                **invitee_columns(key.invitee),
                "to_address": key.address,
                "purpose": key.purpose,
                "reference": uuid4(),
                "due_at": now + BATCH_WINDOW,
                "useless_after": max(each.ends_at for each in items),
                "created_at": now,
            }
            for key, items in wanted
        ],
    )
    return rows.all()
