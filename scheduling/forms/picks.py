"""Reading lists of people and short texts out of a form, whatever is sent."""

from litestar.datastructures import FormMultiDict

MOST = 100  # people picked in one go
LARGEST_ID = 2**63 - 1


def picked(form: FormMultiDict, name: str) -> list[int]:
    """Ids that were ticked, each once, in the order sent; what is no id is passed over."""
    ids = (number(str(value)) for value in form.getall(name, []))
    return list(dict.fromkeys(each for each in ids if each is not None))[:MOST]


def number(text: str) -> int | None:
    """`text` as an id, if it is one."""
    if text.isascii() and text.isdigit() and len(text) <= 19 and 0 < int(text) <= LARGEST_ID:
        return int(text)
    return None


def words_of(form: FormMultiDict, name: str, longest: int = 300) -> str:
    """A short text on one line; empty when the field is missing."""
    return " ".join(str(form.get(name, "")).split())[:longest]
