"""Templates: readable on a screen of ordinary width, each one there and each one used."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
WIDEST = 120
NAME = re.compile(r"""["']((?:[a-z_]+/)?[a-z_]+\.html)["']""")


def test_no_template_line_is_longer_than_120_columns() -> None:
    long = [
        f"{page.relative_to(TEMPLATES)}:{number}: {len(line)} columns"
        for page in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(page.read_text().splitlines(), 1)
        if len(line) > WIDEST
    ]
    assert long == []


def test_every_template_is_named_somewhere_and_every_name_is_a_template() -> None:
    packages = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    sources = [path for folder in [*packages, ROOT / "src"] for path in folder.rglob("*.py")]
    named = {
        name for path in [*sources, *TEMPLATES.rglob("*.html")] for name in NAME.findall(path.read_text())
    }
    there = {page.relative_to(TEMPLATES).as_posix() for page in TEMPLATES.rglob("*.html")}
    # Importing pages are named by their step: lopso/web/importing.py.
    stepwise = {name for name in there if re.fullmatch(r"importing/\w+\.html", name)}
    assert named - there == set()
    assert there - named - stepwise == set()
