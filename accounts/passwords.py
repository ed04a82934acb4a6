"""Passwords: argon2id, always in a thread, since one hash takes tenths of a second."""

import asyncio
import re
from collections.abc import Collection, Iterator
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.paths import shipped
from lopso.kernel.text import fold

SHORTEST, LONGEST = 8, 256

HASHER = PasswordHasher()
"""argon2id at the library's recommended cost; the tests put a cheaper one here, the same algorithm."""

_CONTEXT = ("lopso", "huecity", "thanhphohue", "phuxuan", "thuanhoa", "chuyendoiso")
"""Words of this service: a password that is one of them and a few digits is guessed early."""

_SHORTEST_PART = 4  # letters; a family name of two would refuse too much


@cache
def _common() -> frozenset[str]:
    """Passwords that are guessed first: those of zxcvbn (MIT), and ours for Vietnam."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # 1 MB of words: only where one is chosen

    ours = (shipped("data") / "common_passwords.txt").read_text().split()
    lists: dict[str, list[str]] = FREQUENCY_LISTS
    return frozenset(ours) | {each for each in lists["passwords"] if len(each) >= SHORTEST}


@cache
def _decoy() -> str:
    return HASHER.hash("nobody has this password")


def check_new(password: str, *, about: Collection[str] = ()) -> None:
    """Refuse a password that is too short, too long or among the first guessed.

    Args:
        about: name, e-mail, phone of its owner; none of them with a few digits makes a password.

    Raises:
        InvalidInput: says which.
    """
    if len(password) < SHORTEST:
        raise InvalidInput({"password": _("Mật khẩu cần ít nhất %(n)s ký tự.", n=SHORTEST)})
    if len(password) > LONGEST:
        raise InvalidInput({"password": _("Mật khẩu dài quá %(n)s ký tự.", n=LONGEST)})
    if password.lower() in _common() or len(set(password.lower())) <= 2:
        raise InvalidInput({"password": _("Mật khẩu này quá dễ đoán, xin chọn mật khẩu khác.")})
    if _only_about(password, about):
        raise InvalidInput(
            {"password": _("Mật khẩu chỉ gồm tên, số điện thoại hoặc tên hệ thống, xin chọn mật khẩu khác.")}
        )


def _only_about(password: str, about: Collection[str]) -> bool:
    """Whether nothing is left of `password` but digits and signs, once its owner's words are taken out."""
    whole = left = _plain(password)
    for word in sorted(
        {*_CONTEXT, *(word for each in about for word in _words(each))}, key=len, reverse=True
    ):
        if len(word) >= _SHORTEST_PART:
            left = left.replace(word, " ")
    return left != whole and sum(each.isalpha() for each in left) < _SHORTEST_PART


def _words(text: str) -> Iterator[str]:
    """ "Lê Thị Thu Hà": lethithuha, thithuha, thuha and each word; "+84912345678": 912345678 too."""
    parts = [_plain(part) for part in re.split(r"[\s@._+\-]+", text)]
    yield from parts
    yield from ("".join(parts[at:]) for at in range(len(parts)))
    if text.startswith("+84"):
        yield text[3:]


def _plain(text: str) -> str:
    """Without marks, spaces and signs: "Lê Thị-Hà 1962" is "lethiha1962"."""
    return re.sub(r"[^a-z0-9]", "", fold(text))


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
