"""Translation: the Vietnamese sentence is the message id, English the translation.

The language of the running request or task is held in a context variable, so a sentence made
deep inside a service comes out in the reader's language.
"""

from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from typing import Literal, get_args

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from lopso.kernel.paths import shipped

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_language: ContextVar[Language] = ContextVar("language", default="vi")


def language() -> Language:
    """The language of the running request; Vietnamese unless told otherwise."""
    return _language.get()


def speak(chosen: Language) -> None:
    """Use `chosen` for the rest of this request or task."""
    _language.set(chosen)


def known_language(text: str | None) -> Language | None:
    """`text` as one of our languages, or None."""
    return next((each for each in LANGUAGES if each == text), None)


@cache
def catalog(chosen: Language) -> NullTranslations:
    """Translations for `chosen`; for Vietnamese the message ids themselves.

    The .po file is read directly: there is no compiled file to forget.
    """
    if chosen == "vi":
        return NullTranslations()
    source = shipped("locale") / chosen / "LC_MESSAGES" / "lopso.po"
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=chosen))
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str, **values: object) -> str:
    """`message` in the reader's language, with ``%(name)s`` places filled from `values`."""
    text = catalog(language()).gettext(message)
    return text % values if values else text


def N_(message: str) -> str:
    """Mark `message` for translation where it is declared; `gettext` gives it when it is said."""
    return message


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """As `gettext`, choosing by number; Vietnamese uses the same sentence for both."""
    return catalog(language()).ngettext(one, many, n) % {"n": n, **values}


_ = gettext
