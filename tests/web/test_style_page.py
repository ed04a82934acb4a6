"""The page of the look: a part that is not on it does not exist."""

import re
from dataclasses import replace
from pathlib import Path

from lopso.kernel.access import Role
from lopso.kernel.settings import Settings
from tests.conftest import MakeApp
from tests.factories import add_user

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "src" / "lopso" / "static" / "css"
MACROS_AT = ROOT / "templates" / "macros"
MACROS = ("ui", "form", "week", "aside", "people", "consents", "pick_group", "calendar")
# `board` and `importing` draw what one page has found; journeys of the board and of lists look at all of it.
# Of the frame, where no page can show two states of them at once; and a search, of which a page has one.
SHOWN_BY_EVERY_PAGE = {"form.default_button", "people.search"}
SET_BY_SCRIPTS = {"js"}
"""On the root element, where scripts run."""


async def style_page(make_app: MakeApp, settings: Settings) -> str:
    app = make_app(replace(settings, demo=True))
    async with app.sessions.begin() as db:
        await add_user(db, (Role.CITY_ADMIN, None))
    async with app.client_as("ha@example.org") as client:
        answer = await client.get("/kieu-dang")
    assert answer.status_code == 200
    return answer.text


async def test_every_component_is_on_the_page_of_the_look(make_app: MakeApp, settings: Settings) -> None:
    page = await style_page(make_app, settings)
    given = set(" ".join(re.findall(r'\sclass="([^"]*)"', page)).split()) | SET_BY_SCRIPTS
    missing: list[str] = []
    for sheet in sorted([*(CSS / "components").glob("*.css"), *(CSS / "forms").glob("*.css")]):
        rules = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", sheet.read_text(), flags=re.DOTALL)
        classes = set(re.findall(r"\.([a-zA-Z_][\w-]*)", rules))
        missing += [f"{sheet.name}: {name}" for name in sorted(classes - given)]
    assert missing == []


def test_every_macro_is_called_by_the_page_of_the_look() -> None:
    page = "".join(
        (ROOT / "templates" / name).read_text() for name in ("style_page.html", "_style_parts.html")
    )
    macros = {
        f"{file}.{name}"
        for file in MACROS
        for name in re.findall(
            r"{% macro ([a-z]\w*)", (ROOT / "templates" / "macros" / f"{file}.html").read_text()
        )
    }
    inner = {"ui.initials", "ui.avatar", "week.symbols", "week.day_class", "week.kind_word"}
    page = page.replace("pick.group(", "pick_group.group(")
    called = set(re.findall(rf"\b((?:{'|'.join(MACROS)})\.[a-z]\w*)\(", page))
    assert macros - called - inner - SHOWN_BY_EVERY_PAGE == set()


async def test_page_of_the_look_is_for_staff_of_a_demo_only(make_app: MakeApp, settings: Settings) -> None:
    app = make_app(replace(settings, gateway="brandname"))
    async with app.sessions.begin() as db:
        await add_user(db, (Role.CITY_ADMIN, None))
    async with app.client_as("ha@example.org") as client:
        assert (await client.get("/kieu-dang")).status_code == 404
    async with app.client() as client:
        assert (await client.get("/kieu-dang")).status_code == 303
