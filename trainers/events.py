"""Events of helpers; listeners are named in lopso.application.wiring."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class HelperNameChanged:
    """How a helper is called was corrected: name, or the sex that decides the form of address."""

    trainer_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class HelperPhoneChanged:
    """A helper's number was corrected. E.164; None: no number."""

    trainer_id: int
    old_phone: str | None
    phone: str | None
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class HelperEmailChanged:
    """A helper's address may have changed: their own, or that of the account now tied to them."""

    trainer_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class HelperLeft:
    """A helper left; their assignments stay as they were."""

    trainer_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class HelperReturned:
    """A helper who left came back."""

    trainer_id: int
    by: Actor
    at: datetime
