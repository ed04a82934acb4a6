"""Every page, part of a page and preview opens in every state of what it shows, for every role.

The routes are the application's own: a new one without objects fails the first test. Requests change nothing,
since what they would commit is rolled back; so forms are sent, too, empty.
"""

import pytest

from lopso.kernel.access import Role
from tests.states.addresses import addresses, nouns_of
from tests.states.bodies import bodies
from tests.states.city import ROLES
from tests.states.visits import (
    City,
    differing_heads,
    filled_forms,
    routes,
    share,
    visits_of,
    visits_with_declared_queries,
    wrong_answers,
)

FEW = 20
"""Where another test makes all visits of a kind, each n-th is made."""


def test_every_route_has_objects() -> None:
    assert [path for _method, path, _rule in routes() if nouns_of(path) is None] == []


def test_every_route_has_an_address(city: City) -> None:
    paths = {path for _method, path, _rule in routes()}
    assert [path for path in sorted(paths) if not list(addresses(path, city.objects))] == []


@pytest.mark.parametrize("role", [None, *Role])
async def test_each_role_opens_its_pages_in_every_state(city: City, role: Role | None) -> None:
    visits = visits_of(city, "GET", role)
    assert await wrong_answers(city, role and ROLES[role.value], visits) == []


async def test_every_value_that_a_query_declares(city: City) -> None:
    visits = visits_with_declared_queries(city, Role.COORDINATOR)
    assert await wrong_answers(city, ROLES["coordinator"], visits) == []


async def test_parts_that_htmx_asks_for(city: City) -> None:
    visits = share(visits_of(city, "GET", Role.COORDINATOR), FEW)
    assert await wrong_answers(city, ROLES["coordinator"], visits, htmx=True) == []


@pytest.mark.parametrize("role", [None, Role.COORDINATOR, Role.TRAINER, Role.CITY_ADMIN])
async def test_empty_forms_are_answered(city: City, role: Role | None) -> None:
    visits = share(visits_of(city, "POST", role), FEW)
    assert await wrong_answers(city, role and ROLES[role.value], visits) == []


@pytest.mark.parametrize("role", [None, Role.COORDINATOR])
async def test_head_is_answered_like_get_without_a_body(city: City, role: Role | None) -> None:
    visits = share(visits_of(city, "GET", role), 1000)
    assert await differing_heads(city, role and ROLES[role.value], visits) == []


async def test_forms_that_are_filled_in_name_routes(city: City) -> None:
    posts = {path for method, path, _rule in routes() if method == "POST"}
    assert set(bodies(city.objects)) - posts == set()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TRAINER])
async def test_filled_forms_are_answered_in_every_state(city: City, role: Role) -> None:
    forms = filled_forms(city, role)
    few = share(forms, 4) if role is Role.COORDINATOR else forms
    assert await wrong_answers(city, ROLES[role.value], few) == []


@pytest.mark.long
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CITY_ADMIN])
async def test_all_filled_forms_are_answered(city: City, role: Role) -> None:
    assert await wrong_answers(city, ROLES[role.value], filled_forms(city, role)) == []


@pytest.mark.long
@pytest.mark.parametrize("role", list(Role))
async def test_every_role_in_every_state(city: City, role: Role) -> None:
    visits = [*visits_of(city, "GET", role), *visits_of(city, "POST", role)]
    assert await wrong_answers(city, ROLES[role.value], visits) == []
