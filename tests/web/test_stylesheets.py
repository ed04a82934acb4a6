"""Stylesheets and templates know the same classes; each stylesheet is one component, in one bundle."""

import re
from itertools import chain
from pathlib import Path

from lopso.application.templates import built_stylesheets

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src" / "lopso" / "static"
ENTRIES = [STATIC / name for name in built_stylesheets()]
SHARED = STATIC / "css" / "shared.css"
SHEETS = [*ENTRIES, *sorted((STATIC / "css").rglob("*.css")), ROOT / "learner_portal" / "page.css"]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Set by a script on <html>, so that no template names it.
SET_BY_SCRIPT = {"js"}
LONGEST = 300

_JINJA = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|\{#.*?#\}", re.DOTALL)
_CLASS = re.compile(r"""\sclass="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)\"""", re.DOTALL)
_CLASS_BLOCK = re.compile(r"\{% block \w+_class %\}([\w -]*)\{% endblock %\}")
_COMPARED = re.compile(r"""[=!]= "[^"]*\"""")
_STRING = re.compile(r"""\"([^"]*)\"""")
_SHORT_STRING = re.compile(r"""\"([a-z][a-z_ -]{0,40})\"""")


def styled() -> set[str]:
    """The classes that any stylesheet has a rule for."""
    names: set[str] = set()
    for sheet in SHEETS:
        rules = re.sub(r"url\([^)]*\)", "", _COMMENT.sub("", sheet.read_text()))
        for selector in re.findall(r"([^{};]+)\{", rules):
            names |= set(re.findall(r"\.([a-zA-Z_][\w-]*)", selector))
    return names


def given(template: Path) -> set[str]:
    """The classes that a template gives its elements, as far as they are written there."""
    text = _COMMENT.sub("", template.read_text())
    names: set[str] = set(" ".join(_CLASS_BLOCK.findall(text)).split())
    for value in _CLASS.findall(text):
        names |= set(_JINJA.sub(" ", value).split())
        for expression in _JINJA.findall(value):
            names |= set(" ".join(_STRING.findall(_COMPARED.sub("", expression))).split())
    return names


def argument_words() -> set[str]:
    """Every word of a short string in templates and modules: a class may be handed over as an argument."""
    words: set[str] = set()
    for template in TEMPLATES:
        for expression in _JINJA.findall(_COMMENT.sub("", template.read_text())):
            words |= set(" ".join(_STRING.findall(expression)).split())
    packages = [path for path in ROOT.iterdir() if (path / "__init__.py").is_file() and path.name != "tests"]
    for module in chain.from_iterable(path.rglob("*.py") for path in [*packages, ROOT / "src"]):
        words |= set(" ".join(_SHORT_STRING.findall(module.read_text())).split())
    return words


def imports(entry: Path) -> list[Path]:
    """The files of ours that a stylesheet or script imports."""
    found = re.findall(r'"(\./[^"]+\.(?:css|js))"', entry.read_text())
    return [(entry.parent / name).resolve() for name in found]


def test_every_styled_class_is_given_to_an_element() -> None:
    used = argument_words().union(*(given(template) for template in TEMPLATES), SET_BY_SCRIPT)
    assert styled() - used == set()


def test_every_class_in_a_template_is_styled() -> None:
    known = styled()
    unknown = {str(page.relative_to(ROOT)): names for page in TEMPLATES if (names := given(page) - known)}
    assert unknown == {}


def test_every_bundle_has_the_same_order_of_layers() -> None:
    assert len({re.findall(r"@layer [^;{]*;", entry.read_text())[0] for entry in ENTRIES}) == 1


def test_every_stylesheet_is_short_and_every_file_is_in_one_bundle() -> None:
    entries = [*ENTRIES, SHARED, STATIC / "app.js", STATIC / "other.js"]
    imported = sorted(file for each in entries for file in imports(each) if file != SHARED)
    assert imported == sorted(
        [*set((STATIC / "css").rglob("*.css")).difference([SHARED]), *(STATIC / "js").rglob("*.js")]
    )
    assert all(SHARED in imports(entry) for entry in ENTRIES)
    lengths = {sheet.name: len(sheet.read_text().splitlines()) for sheet in SHEETS}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}
