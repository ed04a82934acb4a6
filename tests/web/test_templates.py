"""Templates: readable on a screen of ordinary width, each one there and each one used."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
WIDEST = 120
NAME = re.compile(r"""["']((?:[a-z_]+/)?[a-z_]+\.html)["']""")

STEM = re.compile(r"""["'](_?[a-z_]+)["']""")

ICON = re.compile(r"""(?:icon_name=|icon\(|"icon": |icon=)"([a-z-]+)\"""")


def test_no_template_line_is_longer_than_120_columns() -> None:
    long = [
        f"{page.relative_to(TEMPLATES)}:{number}: {len(line)} columns"
        for page in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(page.read_text().splitlines(), 1)
        if len(line) > WIDEST
    ]
    assert long == []


def test_templates_and_their_names_in_code_agree() -> None:
    packages = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    modules = "".join(
        path.read_text() for folder in [*packages, ROOT / "src"] for path in folder.rglob("*.py")
    )
    pages = {path.relative_to(TEMPLATES).as_posix(): path.read_text() for path in TEMPLATES.rglob("*.html")}
    named = set(NAME.findall(modules + "".join(pages.values())))
    # Some modules put a name together: f"importing/{step}.html".
    stems = set(STEM.findall(modules))
    assert named - set(pages) == set()
    assert {name for name in pages if name not in named and Path(name).stem not in stems} == set()


def test_lists_with_ticks_keep_them_from_page_to_page() -> None:
    """Pages of such a list are buttons of its form; links stand only where there is nothing to tick."""
    by_links = re.compile(r"({% else %})?{{ ui\.pagination\((?![^}]*form=)")
    loses_ticks: list[str] = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        text = path.read_text()
        has_ticks = "data-keeps" in text or ("data-bulk" in text and "pagination(" in text)
        pages_by_links = any(not found[1] for found in by_links.finditer(text))
        if has_ticks and ("data-keeps" not in text or pages_by_links):
            loses_ticks.append(path.relative_to(TEMPLATES).as_posix())
    assert loses_ticks == []


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(
        re.findall(r"""^  "([a-z-]+)": ['(]""", (TEMPLATES / "macros" / "icons.html").read_text(), re.M)
    )
    named = {name for page in TEMPLATES.rglob("*.html") for name in ICON.findall(page.read_text())}
    assert named - drawn == set()


def test_no_form_asks_in_the_language_of_the_browser() -> None:
    """Days, times and files: "mm/dd/yyyy", "06:00 PM", "No file chosen" are what many computers here say."""
    native = re.compile(r'type="(?:date|datetime-local|month|week|time|file)"')
    found = {
        (page.relative_to(TEMPLATES).as_posix(), kind)
        for page in TEMPLATES.rglob("*.html")
        for kind in native.findall(page.read_text())
    }
    # Calendars offer the browser's calendar: two presses to any day. `form.file` hides the browser's control.
    assert found == {("scheduling/calendar.html", 'type="date"'), ("macros/form.html", 'type="file"')}
