"""Events of accounts; lopso.application.wiring lists who handles them."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """What a person may see has changed: a role granted or revoked, the account disabled."""

    user_id: int
    by: Actor
    at: datetime
