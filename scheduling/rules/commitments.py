"""What a helper is asked into or has accepted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

AssignmentRole = Literal["trainer", "helper"]


@dataclass(frozen=True, slots=True)
class Commitment:
    """A session somebody is already asked into or has accepted. Times in UTC."""

    session_id: int
    ward_id: str
    title: str
    starts_at: datetime
    ends_at: datetime
