"""Write drafts into the ledger: new rows, changed rows, whom and which sessions they speak of."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.db import one_of
from notifications.models import MessageRecipient, MessageSession
from notifications.rules.drafts import Draft

_ADD = text("""
    INSERT INTO message (
        ward_id, session_id, session_version, about, repeat, purpose, message_class, to_phone, template_id,
        body, body_accented, encoding, segments, due_at, useless_after, urgent, moved_from, reference,
        created_at
    )
    SELECT new.*, CAST(:now AS timestamptz) FROM unnest(
        CAST(:wards AS text[]), CAST(:sessions AS bigint[]), CAST(:versions AS bigint[]),
        CAST(:abouts AS text[]), CAST(:repeats AS smallint[]), CAST(:purposes AS text[]),
        CAST(:classes AS text[]), CAST(:phones AS text[]), CAST(:templates AS bigint[]),
        CAST(:bodies AS text[]), CAST(:accented AS text[]), CAST(:encodings AS text[]),
        CAST(:segments AS smallint[]), CAST(:due AS timestamptz[]), CAST(:useless AS timestamptz[]),
        CAST(:urgent AS boolean[]), CAST(:moved_from AS timestamptz[]), CAST(:references AS uuid[])
    ) AS new
    RETURNING id, reference
""")


async def add_drafts(db: AsyncSession, repeats: Mapping[Draft, int], now: datetime) -> dict[int, Draft]:
    """Insert a planned message for each draft, given its `repeat`; the drafts by message id."""
    if not repeats:
        return {}
    drafts = list(repeats)
    by_reference = {uuid4(): draft for draft in drafts}
    rows = await db.execute(
        _ADD,
        {
            "wards": [draft.ward_id for draft in drafts],
            "sessions": [draft.session_id for draft in drafts],
            "abouts": [draft.about for draft in drafts],
            "repeats": list(repeats.values()),
            "purposes": [draft.purpose for draft in drafts],
            "classes": [draft.wording.message_class for draft in drafts],
            "phones": [draft.phone for draft in drafts],
            "urgent": [draft.urgent for draft in drafts],
            "references": list(by_reference),
            "now": now,
            **_changing(drafts),
        },
    )
    return {message_id: by_reference[reference] for message_id, reference in rows}


_REWRITE = text("""
    UPDATE message SET
        session_version = new.session_version, template_id = new.template_id, body = new.body,
        body_accented = new.body_accented, encoding = new.encoding, segments = new.segments,
        due_at = new.due_at, first_due_at = NULL, useless_after = new.useless_after,
        moved_from = new.moved_from, state = 'planned', state_reason = '', lease_until = NULL
    FROM unnest(
        CAST(:ids AS bigint[]), CAST(:versions AS bigint[]), CAST(:templates AS bigint[]),
        CAST(:bodies AS text[]), CAST(:accented AS text[]), CAST(:encodings AS text[]),
        CAST(:segments AS smallint[]), CAST(:due AS timestamptz[]), CAST(:useless AS timestamptz[]),
        CAST(:moved_from AS timestamptz[])
    ) AS new (
        id, session_version, template_id, body, body_accented, encoding, segments, due_at, useless_after,
        moved_from
    )
    WHERE message.id = new.id
""")


async def rewrite_messages(db: AsyncSession, changed: Mapping[int, Draft]) -> None:
    """Give open messages the times and words of their drafts; a claimed one is planned again."""
    if changed:
        await db.execute(_REWRITE, {"ids": list(changed), **_changing(changed.values())})


def _changing(drafts: Collection[Draft]) -> dict[str, Sequence[object]]:
    """The columns that a message may be given anew, each a list in the order of `drafts`."""
    return {
        "versions": [draft.session_version for draft in drafts],
        "templates": [draft.wording.id for draft in drafts],
        "bodies": [draft.text.plain for draft in drafts],
        "accented": [draft.text.accented for draft in drafts],
        "encodings": [draft.text.encoding for draft in drafts],
        "segments": [draft.text.segments for draft in drafts],
        "due": [draft.window.due_at for draft in drafts],
        "useless": [draft.window.useless_after for draft in drafts],
        "moved_from": [draft.moved_from for draft in drafts],
    }


_ADD_OTHER_SESSIONS = text("""
    INSERT INTO message_also (message_id, session_id, session_version, moved_from)
    SELECT * FROM unnest(
        CAST(:ids AS bigint[]), CAST(:sessions AS bigint[]), CAST(:versions AS bigint[]),
        CAST(:moved_from AS timestamptz[])
    )
""")

_ADD_RECIPIENTS = text("""
    INSERT INTO message_recipient (message_id, learner_id, trainer_id)
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:learners AS bigint[]), CAST(:trainers AS bigint[]))
""")


async def write_mentions(
    db: AsyncSession, messages: Mapping[int, Draft], *, changed: Collection[int]
) -> None:
    """Store whom each message names and its other sessions; those of `changed` messages are replaced."""
    if changed:
        await db.execute(delete(MessageRecipient).where(one_of(MessageRecipient.message_id, changed)))
        await db.execute(delete(MessageSession).where(one_of(MessageSession.message_id, changed)))
    if others := [
        (message_id, each) for message_id, draft in messages.items() for each in draft.other_sessions
    ]:
        await db.execute(
            _ADD_OTHER_SESSIONS,
            {
                "ids": [message_id for message_id, _each in others],
                "sessions": [each.session_id for _id, each in others],
                "versions": [each.session_version for _id, each in others],
                "moved_from": [each.moved_from for _id, each in others],
            },
        )
    if people := [
        (message_id, *key) for message_id, draft in messages.items() for key in sorted(draft.people, key=str)
    ]:
        ids, learners, trainers = zip(*people, strict=True)
        await db.execute(
            _ADD_RECIPIENTS, {"ids": list(ids), "learners": list(learners), "trainers": list(trainers)}
        )
