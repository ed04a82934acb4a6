"""How people are named and addressed in a message: forms of one or several names, the fullest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lopso.kernel.text import nfc
from wordings.rules.phrases import listed

_REMARK = re.compile(r"\([^)]*\)?")


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody whom a message names; `title` as the family writes it ("Bà", "O"), or empty."""

    full_name: str
    title: str = ""
    sex: str | None = None
    birth_year: int | None = None


def name_forms(people: Sequence[Addressee], *, today: int) -> list[str]:
    """Name the people of one phone: full names, then given names, then a few and a number.

    Args:
        people: in the order in which they are named; not empty.
        today: the current year, to choose a form of address by age where none is known.
    """
    names = [_without_remarks(person.full_name) for person in people]
    titles = [form_of_address(person, today) for person in people]
    whole = [f"{title} {name}" for title, name in zip(titles, names, strict=True)]
    given = [f"{title} {name.split()[-1]}" for title, name in zip(titles, names, strict=True)]
    forms = [listed(whole), listed(given)]
    if len(people) > 2:
        forms.append(f"{', '.join(given[:2])} và {len(people) - 2} người nữa")
        forms.append(f"{given[0]} và {len(people) - 1} người nữa")
    return list(dict.fromkeys(forms))


def people_forms(people: Sequence[Addressee], *, today: int) -> dict[str, Sequence[str]]:
    """Values for placeholders that name people: `names`, and with the verb due to them `invited`, `told`.

    "Kính mời bà Nguyệt", but "Mời em Lân".
    """
    names = name_forms(people, today=today)
    young = all(form_of_address(person, today) == "em" for person in people)
    invite, tell = ("Mời", "Báo") if young else ("Kính mời", "Kính báo")
    return {
        "names": names,
        "invited": [f"{invite} {form}" for form in names],
        "told": [f"{tell} {form}" for form in names],
    }


def form_of_address(person: Addressee, today: int) -> str:
    """The form of address: as the family writes it, else by age and sex, as an office does.

    Args:
        today: the current year.
    """
    if person.title:
        return person.title[0].lower() + person.title[1:]
    age = today - person.birth_year if person.birth_year else None
    if age is not None and age < 18:
        return "em"
    woman, man = ("chị", "anh") if age is not None and age < 40 else ("bà", "ông")
    return {"female": woman, "male": man}.get(person.sex or "", f"{man}/{woman}")


def _without_remarks(full_name: str) -> str:
    """Leave out remarks in a name, which are not for its bearer: "Lê Thị Bé" of "Lê Thị Bé (con bà Lan)"."""
    name = nfc(full_name)
    return " ".join(_REMARK.sub(" ", name).split(",")[0].split()) or name
