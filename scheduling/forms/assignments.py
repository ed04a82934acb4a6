"""What was ticked and typed on the pages of a session's people."""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.datastructures import FormMultiDict

from scheduling.forms.picks import picked, words_of
from scheduling.rules.suitability import Role


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is to be asked.

    Attributes:
        typed: the search under which they were found.
        agreed: they already said yes.
        whole_series: into this session and the later ones of its series.
        reason: why somebody is replaced; empty elsewhere.
    """

    trainer_ids: Sequence[int]
    typed: str
    role: Role
    agreed: bool
    whole_series: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said: yes, or no with a reason."""

    accept: bool
    reason: str


def read_asking(form: FormMultiDict) -> Asking:
    """The picker's form."""
    return Asking(
        trainer_ids=picked(form, "nguoi"),
        typed=words_of(form, "q"),
        role=role_of(words_of(form, "vai")),
        agreed=words_of(form, "da_nhan") == "1",
        whole_series=words_of(form, "pham_vi") == "loat",
        reason=reason_of(form),
    )


def read_answer(form: FormMultiDict) -> Answer:
    """Yes ("nhan") or anything else, which is no."""
    return Answer(words_of(form, "tra_loi") == "nhan", reason_of(form))


def role_of(text: str | None) -> Role:
    """A role as addresses and forms write it; helping unless they say teaching."""
    return "trainer" if text == "trainer" else "helper"


def reason_of(form: FormMultiDict) -> str:
    """A reason: own words where some were typed, else the ready-made one that was chosen."""
    return words_of(form, "ly_do") or words_of(form, "ly_do_san")
