"""Passwords: argon2id, always in a thread, since one hash takes tenths of a second."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.paths import shipped

SHORTEST, LONGEST = 8, 256

HASHER = PasswordHasher()
"""argon2id at the library's recommended cost; the tests put a cheaper one here, the same algorithm."""


@cache
def _common() -> frozenset[str]:
    return frozenset((shipped("data") / "common_passwords.txt").read_text().split())


@cache
def _decoy() -> str:
    return HASHER.hash("nobody has this password")


def check_new(password: str) -> None:
    """Refuse a password that is too short, too long or among the first guessed.

    Raises:
        InvalidInput: says which.
    """
    if len(password) < SHORTEST:
        raise InvalidInput({"password": _("Mật khẩu cần ít nhất %(n)s ký tự.", n=SHORTEST)})
    if len(password) > LONGEST:
        raise InvalidInput({"password": _("Mật khẩu dài quá %(n)s ký tự.", n=LONGEST)})
    if password.lower() in _common():
        raise InvalidInput({"password": _("Mật khẩu này quá dễ đoán, xin chọn mật khẩu khác.")})


async def hash_password(password: str) -> str:
    """The argon2id hash of `password`."""
    return await asyncio.to_thread(HASHER.hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether `password` is right; takes as long when there is no such account (`password_hash` None)."""

    def verify() -> bool:
        try:
            return HASHER.verify(password_hash or _decoy(), password)
        except (VerificationError, InvalidHashError):
            return False

    return await asyncio.to_thread(verify) and password_hash is not None
