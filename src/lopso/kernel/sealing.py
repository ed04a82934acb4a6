"""Small secrets kept in the database, encrypted with a key made from ``LOPSO_SECRET`` (AES-256-GCM, HKDF)."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12  # bytes


class CannotUnseal(Exception):
    """Sealed with another ``LOPSO_SECRET``, for another owner, or damaged."""


def seal(plain: bytes, *, secret: str, owner: str) -> bytes:
    """`plain` encrypted; only the same `secret` and `owner` ("second_factor 12") open it."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, plain, owner.encode())


def unseal(sealed: bytes, *, secret: str, owner: str) -> bytes:
    """What was sealed.

    Raises:
        CannotUnseal: see there.
    """
    try:
        return AESGCM(_key(secret)).decrypt(sealed[:_NONCE], sealed[_NONCE:], owner.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal from error


def _key(secret: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"lopso sealed column").derive(secret.encode())
