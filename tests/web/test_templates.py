"""Every template can be read on a screen of ordinary width."""

from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
WIDEST = 120


def test_no_template_line_is_longer_than_120_columns() -> None:
    long = [
        f"{page.relative_to(TEMPLATES)}:{number}: {len(line)} columns"
        for page in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(page.read_text().splitlines(), 1)
        if len(line) > WIDEST
    ]
    assert long == []
