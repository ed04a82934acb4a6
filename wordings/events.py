"""Events of wordings; lopso.application.wiring lists who handles them."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class WordingActivated:
    """Another version of a wording is in use; `purpose` is that of its messages."""

    code: str
    purpose: str
    by: Actor
    at: datetime
