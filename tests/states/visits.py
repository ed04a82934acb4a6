"""Opens addresses and says what is wrong with the answers."""

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from lopso.application.templates import built_stylesheets
from lopso.kernel.access import PERMISSIONS, Permission, Role
from lopso.web.first_screen import Stylesheet
from lopso.web.forms.injection import handlers_of
from tests.conftest import TestApp
from tests.states.addresses import addresses
from tests.states.bodies import Body, bodies
from tests.states.declared_queries import declared_queries
from tests.states.objects import Objects
from tests.states.queries import queries
from tests.test_access import declarations


def _own_rules(entry: Path) -> Stylesheet:
    files = re.findall(r'@import "(\./css/[^"]+)" layer', entry.read_text())
    css = "".join((entry.parent / name).read_text() for name in files)
    return Stylesheet(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL), "")


RUBBISH = re.compile(r"\bNone\b|\bUndefined\b|{{|}}|{%|%\(\w+\)|object at 0x|<bound method|&lt;function")
STYLE = re.compile(r"<style>.*?</style>", re.S)
_OWN_LINE = (
    "address|blockquote|caption|dd|div|dt|fieldset|h[1-6]|header|label|legend|li"
    "|option|p|small|section|summary|t[dh]"
)
DAY_IN_LOWER_CASE = re.compile(
    rf"<(?:{_OWN_LINE})(?:\s(?![^>]*\bbubble\b)[^>]*)?>"  # a text message may begin with a day
    r"(?:\s|<svg[^>]*>(?:(?!</svg>).)*</svg>|<(?:a|b|span|time)(?:\s[^>]*)?>)*"
    r"(?:thứ (?:Hai|Ba|Tư|Năm|Sáu|Bảy)|hôm (?:nay|qua)|ngày mai)\b"
)
"""A line of its own that begins with the name of a day; within a sentence days are in lower case."""
LINKED = re.compile(r'<link rel="stylesheet" href="/static/built/(\w+)-')
STATIC = Path(__file__).resolve().parents[2] / "src" / "lopso" / "static"
OWN_RULES = {name: _own_rules(STATIC / name) for name in built_stylesheets()}
"""By stylesheet, the rules that only pages which link it have."""
OF_OTHER_SCRIPTS = re.compile(r"\sdata-(?:board|bulk|enter|show-password)\b")
"""What the scripts in other.js look for."""
HEADERS = {"accept": "text/html", "accept-encoding": "identity"}


@dataclass
class City:
    """The application on a ward with everything in it."""

    app: TestApp
    objects: Objects


@dataclass(frozen=True)
class Visit:
    """One address to open; `state` says of what."""

    method: str
    path: str
    address: str
    state: str
    body: Body = field(default_factory=dict[str, str | list[str]], hash=False)


class Forgetful(AsyncSession):
    """Rolls back what would be committed, so that one visit after another finds everything as it was."""

    async def commit(self) -> None:
        await self.flush()
        await self.rollback()


def routes() -> list[tuple[str, str, str]]:
    """Method, path and rule of every route that a browser asks for."""
    found = [(*route.split(" ", 1), rule) for route, rule in declarations().items()]
    return [(method, path, rule) for method, path, rule in found]


def may_open(rule: str, role: Role | None) -> bool:
    """Whether somebody with this role, or without a log-in, gets past the rule."""
    if rule == "public" or role is None:
        return rule == "public" and role is None
    if rule == "signed_in" or (rule.startswith("own|") and role is Role.TRAINER):
        return True
    return Permission(re.split(r"[:|]", rule)[-1]) in PERMISSIONS[role]


def visits_of(city: City, method: str, role: Role | None) -> list[Visit]:
    """Visits to routes of a method that `role` may open; to those for everybody where it is None."""
    asked = queries(city.objects)
    return [
        visit
        for each, path, rule in routes()
        if each == method and may_open(rule, role)
        for visit in _visits(city, method, path, asked.get(path, ()) if method == "GET" else ())
    ]


def visits_with_declared_queries(city: City, role: Role) -> list[Visit]:
    """Visits to routes that `role` may open, with each value that a query may have; of the first state."""
    rules = {path: rule for method, path, rule in routes() if method == "GET"}
    declared = declared_queries(handlers_of(city.app.app.routes), city.app.clock.now)
    return [
        Visit("GET", path, address + query, state)
        for path, query in declared
        if may_open(rules[path], role)
        for state, address in islice(addresses(path, city.objects), 1)
    ]


def filled_forms(city: City, role: Role) -> list[Visit]:
    """Forms that somebody with this role may send, filled in, in turn about every state."""
    filled = bodies(city.objects)
    return [
        Visit(method, path, address, state, filled[path][number % len(filled[path])])
        for method, path, rule in routes()
        if method == "POST" and path in filled and may_open(rule, role)
        for number, (state, address) in enumerate(addresses(path, city.objects))
    ]


def _visits(city: City, method: str, path: str, asked: Sequence[str]) -> Iterator[Visit]:
    """Each address as it is or with one of the queries, in turn; the first and the last with all of them.

    The last may be one that a role does not reach, such as another ward's.
    """
    found = list(addresses(path, city.objects))
    in_turn = ("", *asked)
    for number, (state, address) in enumerate(found):
        yield Visit(method, path, address + in_turn[number % len(in_turn)], state)
    for state, address in dict.fromkeys([*found[:1], *found[-1:]]):
        yield from (Visit(method, path, address + each, state) for each in asked)


def share(visits: Sequence[Visit], few: int) -> list[Visit]:
    """Each `few`-th visit of every path, and at least one."""
    by_path: dict[str, list[Visit]] = {}
    for visit in visits:
        by_path.setdefault(visit.path, []).append(visit)
    return [
        visit
        for number, group in enumerate(by_path.values())
        for visit in group[number % min(few, len(group)) :: few]
    ]


async def wrong_answers(
    city: City, email: str | None, visits: Sequence[Visit], *, htmx: bool = False
) -> list[str]:
    """What is wrong with the answers to this person; nothing is changed."""
    assert visits
    headers = HEADERS | ({"hx-request": "true"} if htmx else {})
    wrong: list[str] = []
    async with _visitor(city, email) as client:
        for visit in visits:
            data = visit.body if visit.method == "POST" else None
            answer = await client.request(visit.method, visit.address, headers=headers, data=data)
            fault = (email and _log_in_asked_for(answer)) or _fault(answer) or _missing_files(answer)
            if fault:
                wrong.append(f"{visit.method} {visit.address} ({visit.path}, {visit.state}): {fault}")
    return wrong


async def differing_heads(city: City, email: str | None, visits: Sequence[Visit]) -> list[str]:
    """Where HEAD is not answered like the GET after it, without a body."""
    wrong: list[str] = []
    async with _visitor(city, email) as client:
        for visit in visits:
            head = await client.head(visit.address, headers=HEADERS)
            whole = await client.get(visit.address, headers=HEADERS)
            differing = _steady(head) ^ _steady(whole)
            if head.content or head.status_code != whole.status_code or differing:
                wrong.append(f"{visit.address}: {head.status_code}, not {whole.status_code}; {differing}")
    return wrong


def _steady(answer: httpx.Response) -> set[tuple[str, str]]:
    return {pair for pair in answer.headers.items() if pair[0] != "set-cookie"}


def _log_in_asked_for(answer: httpx.Response) -> str:
    """Where somebody who has logged in is asked to: then the visits would open nothing."""
    where = answer.headers.get("location", "")
    return where if where.startswith("/dang-nhap") else ""


def _fault(answer: httpx.Response) -> str:
    if answer.status_code >= 500:
        return str(answer.status_code)
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return ""
    text = STYLE.sub("", answer.text)
    found = RUBBISH.search(text) or DAY_IN_LOWER_CASE.search(text)
    return f"“{text[max(0, found.start() - 60) : found.end() + 20]}”" if found else ""


def _missing_files(answer: httpx.Response) -> str:
    """Stylesheets and scripts that a whole page has use for and does not link (`sheets` of its template)."""
    text = STYLE.sub("", answer.text)
    linked = {f"{name}.css" for name in LINKED.findall(text)}
    if not linked:  # a part, a file, or a page with a look of its own
        return ""
    missing = [name for name, rules in OWN_RULES.items() if name not in linked and rules.applies_to(text)]
    if OF_OTHER_SCRIPTS.search(text) and "/static/built/other-" not in text:
        missing.append("other.js")
    return ", ".join(missing)


@asynccontextmanager
async def _visitor(city: City, email: str | None) -> AsyncGenerator[httpx.AsyncClient]:
    app = city.app.app
    opening = city.app.client_as(email) if email else city.app.client()
    async with opening as client:
        if not email:
            await client.get("/dang-nhap")
            client.headers["x-csrftoken"] = client.cookies["csrf"]
        kept: async_sessionmaker[AsyncSession] = app.state.sessions
        values: dict[str, Any] = kept.kw
        app.state.sessions = async_sessionmaker(class_=Forgetful, **values)
        try:
            yield client
        finally:
            app.state.sessions = kept
