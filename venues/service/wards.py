"""Data of a ward."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import read_phone
from venues.errors import NoSuchWard
from venues.events import WardContactChanged
from venues.models import Ward


async def set_contact(db: AsyncSession, ward_id: str, phone: str, *, by: Actor, now: datetime) -> str:
    """Set the contact number, mobile or landline, and return it in E.164.

    Raises:
        NoSuchWard: no ward has this code.
        InvalidInput: nothing that can be called; texts need a known number.
    """
    ward = await db.scalar(select(Ward).where(Ward.id == ward_id).with_for_update())
    if ward is None:
        raise NoSuchWard(ward_id)
    reading = read_phone(phone[:100])
    number = reading.e164 or (reading.proposed if reading.kind == "landline" else None)
    if number is None:
        raise InvalidInput(
            {"phone": reading.doubt or _("Xin ghi số điện thoại, ví dụ 0234 3823 456 hoặc 0912 345 678.")}
        )
    before, ward.phone = ward.phone, number
    await db.flush()
    audit.note(db, audit.Subject("ward", ward_id, ward_id), "ward.contact_set", by=by, now=now)
    if before != number:
        await publish(db, WardContactChanged(ward_id, by, now))
    return number
