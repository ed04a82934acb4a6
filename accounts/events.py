"""What happened to accounts, for whoever listens (lopso.application.wiring)."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """What somebody may see has changed: a role given or taken back, the account closed."""

    user_id: int
    by: Actor
    at: datetime
