"""Roles: granted and revoked."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.events import AccessChanged
from accounts.models import RoleGrant
from accounts.service.sessions import end_sessions
from accounts.service.subjects import account_subject
from lopso.kernel import audit
from lopso.kernel.access import Actor, Role
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from venues.models import Ward


async def grant_role(
    db: AsyncSession, user_id: int, role: Role, ward_id: str | None, *, by: Actor, now: datetime
) -> None:
    """Grant a role in a ward, or city-wide. Granting it twice changes nothing.

    Raises:
        NotFound: no such ward.
        InvalidInput: the city's administrator is not of one ward.
    """
    if role is Role.CITY_ADMIN and ward_id is not None:
        raise InvalidInput({"ward": _("Quản trị thành phố không thuộc riêng một phường, xã.")})
    if ward_id is not None and await db.get(Ward, ward_id) is None:
        raise NotFound(_("Không có phường, xã mang mã %(code)s.", code=ward_id))
    held = await db.scalar(
        select(RoleGrant.id).where(
            RoleGrant.user_id == user_id,
            RoleGrant.role == role,
            RoleGrant.ward_id.is_not_distinct_from(ward_id),
            RoleGrant.revoked_at.is_(None),
        )
    )
    if held is not None:
        return
    db.add(RoleGrant(user_id=user_id, role=role, ward_id=ward_id, granted_at=now, granted_by=by.user_id))
    await end_sessions(db, user_id)
    audit.note(db, account_subject(user_id, ward_id), "role.granted", by=by, now=now, role=role)
    await db.flush()
    await publish(db, AccessChanged(user_id, by, now))


async def revoke_role(db: AsyncSession, grant_id: int, *, by: Actor, now: datetime) -> RoleGrant:
    """Revoke a role and end all sessions of the person. Revoking twice changes nothing.

    Raises:
        NotFound: no such grant.
    """
    grant = await db.get(RoleGrant, grant_id, with_for_update=True)
    if grant is None:
        raise NotFound
    if grant.revoked_at is None:
        grant.revoked_at = now
        await end_sessions(db, grant.user_id)
        audit.note(
            db, account_subject(grant.user_id, grant.ward_id), "role.revoked", by=by, now=now, role=grant.role
        )
        await db.flush()
        await publish(db, AccessChanged(grant.user_id, by, now))
    return grant
