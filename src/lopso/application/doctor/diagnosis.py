"""What was found about one thing."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "bad"]

SIGNS: dict[Level, str] = {"ok": "✓", "warn": "!", "bad": "✗"}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that is well ("ok"), deserves a look ("warn") or is broken ("bad"), in a sentence."""

    level: Level
    sentence: str

    def line(self) -> str:
        """The sentence behind its sign."""
        return f"{SIGNS[self.level]} {self.sentence}"


def ok(sentence: str) -> Diagnosis:
    """It is well."""
    return Diagnosis("ok", sentence)


def warn(sentence: str) -> Diagnosis:
    """It works, and deserves a look."""
    return Diagnosis("warn", sentence)


def bad(sentence: str) -> Diagnosis:
    """It is broken."""
    return Diagnosis("bad", sentence)
