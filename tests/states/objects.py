"""Objects in their states, by noun: what can stand in the addresses of pages."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

Values = Mapping[str, str]
"""Parameters of an address: {"ward_id": "19753", "session_id": "7"}."""

WARD = "19753"


@dataclass
class Objects:
    """Every noun with its states: ``found["session"]["draft"]`` are the values of a draft's address."""

    found: dict[str, dict[str, dict[str, str]]] = field(
        default_factory=lambda: defaultdict[str, dict[str, dict[str, str]]](dict)
    )

    def add(self, noun: str, state: str, /, **values: object) -> None:
        """Keep one object; values without a ward are of the ward `WARD`."""
        assert state not in self.found[noun], f"{noun} {state} twice"
        self.once(noun, state, **values)

    def once(self, noun: str, state: str, /, **values: object) -> None:
        """Keep the last object of a state that many have."""
        self.found[noun][state] = {"ward_id": WARD} | {name: str(each) for name, each in values.items()}
