"""Jinja as pages use it: translations, filters, addresses of built files."""

import json
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lopso.kernel import i18n
from lopso.kernel.paths import shipped
from lopso.web import filters
from lopso.web.first_screen import Stylesheet

_BUILT = shipped("static") / "built"
_COOKIES = {
    "calendar.css": "look-calendar",
    "roll.css": "look-roll",
    "other.css": "look-other",
}
"""By stylesheet, the cookie of a browser that has it."""


def template_environment() -> Environment:
    """The environment of all templates; a name that a template misspells is an error."""
    environment = Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  (the extension adds it)
        _gettext, _ngettext, newstyle=True
    )
    filters.install(environment)
    cast("dict[str, Any]", environment.globals)["asset"] = partial(
        _asset, _manifest(_BUILT / "manifest.json")
    )
    return environment


@cache
def built_stylesheets() -> Mapping[str, Stylesheet]:
    """The stylesheets of all pages as they were built, by plain name, such as ``other.css``."""
    names = _manifest(_BUILT / "manifest.json")
    return {
        name: Stylesheet.of_file(_BUILT / names.get(name, name), cookie) for name, cookie in _COOKIES.items()
    }


def _gettext(text: str) -> str:
    return i18n.catalog(i18n.language()).gettext(text)


def _ngettext(one: str, many: str, n: int) -> str:
    return i18n.catalog(i18n.language()).ngettext(one, many, n)


def _manifest(file: Path) -> Mapping[str, str]:
    return json.loads(file.read_text()) if file.is_file() else {}


def _asset(manifest: Mapping[str, str], name: str) -> str:
    """Address of a built file, with its content's hash so that it may be kept for ever."""
    return f"/static/built/{manifest.get(name, name)}"
