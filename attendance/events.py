"""Events of a roll; lopso.application.wiring lists who handles them."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class RollChanged:
    """Marks of one session were added: a person may have become present or no longer be so.

    Learner ids in ascending order.
    """

    session_id: int
    learner_ids: tuple[int, ...]
    by: Actor
    at: datetime
