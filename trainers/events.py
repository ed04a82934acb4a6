"""What happened to helpers, for whoever listens (lopso.wiring)."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class HelperPhoneChanged:
    """A helper's number was corrected. E.164; None: no number."""

    trainer_id: int
    old_phone: str | None
    phone: str | None
    by: Actor
    at: datetime
