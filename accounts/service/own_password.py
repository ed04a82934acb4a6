"""One's own password."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from accounts import passwords
from accounts.errors import WrongPassword
from accounts.models import User
from accounts.service.credentials import set_password
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _


async def check_password(db: AsyncSession, user_id: int, password: str) -> User:
    """The account, when `password` is its password.

    Raises:
        WrongPassword: it is not.
    """
    user = await db.get_one(User, user_id)
    if not await passwords.matches(user.password_hash, password):
        raise WrongPassword
    return user


async def change_password(
    db: AsyncSession, user_id: int, *, old: str, new: str, session_id: bytes, by: Actor, now: datetime
) -> None:
    """Change one's own password; all sessions but `session_id` end, and so do open links and codes.

    Raises:
        WrongPassword: `old` is not the password.
        InvalidInput: a weak password, or the old one again.
    """
    user = await check_password(db, user_id, old)
    if old == new:
        raise InvalidInput({"password": _("Mật khẩu mới giống mật khẩu cũ, xin chọn mật khẩu khác.")})
    await set_password(db, user, new, session_id=session_id, by=by, now=now, how="changed_password")
