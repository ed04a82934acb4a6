"""The application with a ward in it, people of every role signed in, and what they could be sent to."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

from litestar import Litestar
from structlog.testing import capture_logs

from lopso.kernel.access import Permission, Role
from lopso.kernel.settings import Settings
from tests.databases import Database
from tests.hostile import town
from tests.hostile.client import Answer, Client, signed_in, visitor
from tests.hostile.kept_database import KeptDatabase
from tests.hostile.rendered_forms import forms_in
from tests.hostile.targets import Attackable, Target, matching, walk

NOBODY = ""
HELPER = "helper"
"""Has a session under way; `Role.TRAINER` has none."""
EVERYWHERE = "everywhere"
"""May do everything in every ward, so that only rows refuse."""

WRITTEN_BY_REFUSALS = {"login_failure"}
"""Tables that a refusal may write to: wrong passwords are counted."""


@dataclass(repr=False)
class HostileSite:
    """Everything that a test of hostile requests needs.

    Attributes:
        clients: by role, `NOBODY`, `HELPER` and `EVERYWHERE` too.
        attackables: one for every target, with the fields that a page shows where one does.
        changed: the tables that the last request changed.
    """

    clients: dict[str, Client]
    targets: Sequence[Target]
    town: town.Town
    kept: KeptDatabase
    attackables: list[Attackable] = field(default_factory=list[Attackable])
    changed: set[str] = field(default_factory=set[str])

    async def send(
        self,
        what: Attackable,
        *,
        role: str | None = None,
        path: bytes | None = None,
        query: bytes = b"",
        body: bytes = b"",
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> Answer:
        """One request; fails when it was answered as none may be, or when a refusal changed something."""
        client = self.clients[what.role if role is None else role]
        where = quote(what.path).encode() if path is None else path
        with capture_logs() as logs:
            answer = await client.ask(what.target.method, where, query=query, body=body, headers=headers)
        faults = answer.faults()
        raised = [each["exc_info"] for each in logs if "exc_info" in each]
        if faults and raised:
            raise AssertionError(faults) from raised[0]
        assert faults == []
        self.changed = changed = self.kept.changed()
        self.kept.put_back(changed)
        if answer.status >= 400:
            assert changed <= WRITTEN_BY_REFUSALS, f"refused with {answer.status}, changed {changed}"
        return answer


@asynccontextmanager
async def hostile_site(app: Litestar, settings: Settings, database: Database) -> AsyncGenerator[HostileSite]:
    """Fill an empty database and look at every page for forms."""
    async with app.state.sessions.begin() as db:
        built = await town.build(db, settings)
    clients = {NOBODY: await visitor(app), HELPER: await signed_in(app, town.OWN_HELPER)}
    clients[EVERYWHERE] = await signed_in(app, town.EVERYWHERE)
    clients |= {role.value: await signed_in(app, f"{role.value}@example.org") for role in Role}
    with KeptDatabase(database.url) as kept:
        site = HostileSite(clients, walk(app), built, kept)
        site.attackables = await _attackables(site)
        yield site


async def _attackables(site: HostileSite) -> list[Attackable]:
    found: dict[Target, Attackable] = {}
    for target in site.targets:
        for session in _sessions(site, target) if target.method == "GET" else ():
            path = target.at(site.town.values_for(target.path, session_id=session))
            for role in _roles(target):
                for seen in await _forms(site, Attackable(target, role, path)):
                    found.setdefault(seen.target, seen)
    for target in site.targets:  # forms that only other states of a row show
        path = target.at(site.town.values_for(target.path))
        found.setdefault(target, Attackable(target, _roles(target)[0], path))
    return list(found.values())


def _roles(target: Target) -> Sequence[str]:
    """Who may open it, those who see most first."""
    if target.access.where == "public":
        return [NOBODY]
    if target.access.permission is Permission.SIGN_OFF:
        return [Role.ASSESSOR.value]
    if target.access.where in ("signed_in", "own"):
        return [HELPER, Role.CITY_ADMIN.value]
    return [Role.CITY_ADMIN.value]


def _sessions(site: HostileSite, target: Target) -> Sequence[str]:
    values = site.town.values
    states = ("session_id", "draft", "session_under_way")
    return [values[state] for state in (states if "session_id" in target.parameters else states[:1])]


async def _forms(site: HostileSite, page: Attackable) -> Sequence[Attackable]:
    answer = await site.send(page)
    if answer.status != 200 or b"<form" not in answer.body:
        return ()
    seen: list[Attackable] = []
    for form in forms_in(answer.body.decode()):
        address = urlsplit(form.action)
        target = matching(site.targets, form.method, address.path)
        assert target is not None, f"{page}: nothing answers its form, {form.method} {form.action}"
        seen.append(
            Attackable(target, page.role, address.path, tuple(form.fields), tuple(parse_qsl(address.query)))
        )
    return seen
