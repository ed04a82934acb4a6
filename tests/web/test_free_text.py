"""Notes and reasons typed by hand: numbers of papers and accounts are left out, counted and said."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from learners.forms import LearnerForm
from lopso.web.forms import Form, FreeText, Text
from lopso.web.forms.typed import Typed
from scheduling.forms.plans import PlanForm
from trainers.forms import TrainerForm

TODAY = date(2026, 11, 24)
PACKAGES = ("accounts", "attendance", "competency", "learners", "people", "scheduling", "trainers", "venues")
OWN_WORDS = {
    "note",
    "phone_note",
    "reason",
    "own_words",
    "device",
    "position",
    "summary",
    "landmark",
    "place",
}
NO_NOTES = {"edition", "unsent"}  # a skills framework in JSON; a form kept through log-in


class NoteForm(msgspec.Struct, frozen=True, kw_only=True):
    note: Annotated[str, FreeText(60, lines=True)] = ""


def read(text: str) -> Form[NoteForm]:
    return Form.read(NoteForm, Typed({"note": [text]}), today=TODAY)


def test_left_out_numbers_are_counted_and_saving_again_agrees() -> None:
    form = read("đi với con, CCCD 046160012345\nSTK 0071001234567")

    assert form.errors["note"].startswith("Đã bỏ 2 số giấy tờ, tài khoản hoặc thẻ")
    shown = form.typed["note"]
    assert shown == "đi với con, CCCD [đã bỏ số]\nSTK [đã bỏ số]"
    assert read(shown).errors == {}


def test_phone_numbers_in_a_note_are_kept() -> None:
    assert read("gọi con gái 0912 345 678").value().note == "gọi con gái 0912 345 678"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (LearnerForm, "note"),
        (LearnerForm, "phone_note"),
        (TrainerForm, "note"),
        (TrainerForm, "phone_note"),
        (PlanForm, "note"),
    ],
)
def test_notes_of_records_refuse_such_numbers(form: type[Any], field: str) -> None:
    errors = Form.read(form, Typed({field: ["CCCD 046160012345"]}), today=TODAY).errors

    assert "Đã bỏ 1 số" in errors[field]


def forms() -> Iterator[type[msgspec.Struct]]:
    for package in PACKAGES:
        module = importlib.import_module(f"{package}.forms")
        paths = getattr(module, "__path__", None)
        names = [each.name for each in pkgutil.iter_modules(paths)] if paths else []
        for each in [module, *(importlib.import_module(f"{package}.forms.{name}") for name in names)]:
            for value in vars(each).values():
                if isinstance(value, type) and issubclass(value, msgspec.Struct):
                    yield value


def test_every_field_for_words_of_ones_own_is_free_text() -> None:
    plain: set[str] = set()
    for form in forms():
        for name, hint in get_type_hints(form, include_extras=True).items():
            kinds = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
            for kind in kinds:
                own_words = name in OWN_WORDS or (isinstance(kind, Text) and kind.several_lines)
                if isinstance(kind, Text) and own_words and not isinstance(kind, FreeText):
                    plain.add(name)

    assert plain <= NO_NOTES
