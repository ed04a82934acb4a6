"""Codes of an authenticator app: six digits, SHA-1, 30 seconds (RFC 6238), which every such app knows."""

from datetime import datetime
from hmac import compare_digest

import pyotp
from pyotp.totp import TOTP

STEP = 30  # seconds
_DRIFT = 1  # steps; clocks of phones are off by some seconds


def new_secret() -> str:
    """160 random bits, as base32."""
    return pyotp.random_base32()


def set_up_uri(secret: str, account: str) -> str:
    """The ``otpauth://`` address that an app reads from a QR code; `account` is shown in its list."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name="Lop So")


def accepted_step(secret: str, code: str, *, last_step: int | None, now: datetime) -> int | None:
    """The time step whose code this is, or None.

    A step is accepted once: `last_step` is the newest accepted so far; it and older ones do not count
    (RFC 6238, 5.2).
    """
    current = int(now.timestamp()) // STEP
    totp = TOTP(secret)
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        if (last_step is None or step > last_step) and compare_digest(totp.generate_otp(step), code):
            return step
    return None
