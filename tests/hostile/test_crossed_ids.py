"""Ids that do not belong together name nothing: an address with two parents is a 404, and nothing changes.

Sent by somebody whom every ward admits, so that only the rows themselves can refuse.
"""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from tests.factories import NOON
from tests.hostile.client import Answer, encoded
from tests.hostile.hostile_site import EVERYWHERE, NOBODY, HostileSite
from tests.hostile.targets import Attackable, Target
from tests.hostile.town import fitted

WORDS = {"action_slug", "number", "anything", "name", "row_ref"}
"""Parameters that name no row."""

FILLED: Mapping[str, Sequence[tuple[str, str]]] = {
    "/minh-chung/{demonstration_id:int}/bo": [("reason", "nhầm người")],
    "/{sign_off_id:int}/thu-hoi": [("reason", "nhầm người")],
    "/{assignment_id:int}/rut": [("ly_do", "bận")],
}
"""What a form needs that its page shows empty, by the end of its address."""

SAID: Mapping[str, int] = {
    # A page may be older than the list on it.
    "POST /nguoi-hoc/{ward_id:str}/{learner_id:int}/buoi/{session_id:int}/nghi": 303,
    # The page of the card, which says what stands.
    "GET /hv/{token:str}/buoi/{session_id:int}/ban": 303,
    "GET /hv/{token:str}/buoi/{session_id:int}/di": 303,
}
"""Routes that answer in a sentence instead."""

WITHOUT_PARENT = {
    "POST /dia-diem/{ward_id:str}/cho/{market_id:int}/nhan",  # a market of no ward yet
    "GET /hop-thu-thu/{mail_id:int}/{number:int}",
}


def rows_of(target: Target) -> Sequence[str]:
    return [each for each in target.parameters if each not in WORDS]


def with_parents(site: HostileSite) -> list[Attackable]:
    return [
        each
        for each in site.attackables
        if len(rows_of(each.target)) > 1 and repr(each.target) not in WITHOUT_PARENT
    ]


def crossed(site: HostileSite, target: Target) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Which parameter is of another parent, and the values of the address."""
    own = site.town.values_for(target.path)
    names = rows_of(target)
    of_the_ward = sum(name != "ward_id" for name in names) == 1  # its other rows may stand there
    for where, others in (("beside", site.town.beside), ("elsewhere", site.town.elsewhere)):
        other = fitted(target.path, others)
        for name in names:
            if other.get(name, own[name]) != own[name] and not (of_the_ward and where == "beside"):
                yield f"{name} {where}", {**own, name: other[name]}


async def ask(site: HostileSite, what: Attackable, values: Mapping[str, str]) -> Answer:
    """The request that the page of `what` would send, to another address."""
    typed = next((fields for end, fields in FILLED.items() if what.target.path.endswith(end)), ())
    shown = [pair for pair in what.fields if pair[0] not in dict(typed)]
    body = encoded([(name, value.encode()) for name, value in [*shown, *typed]])
    query = encoded([(name, value.encode()) for name, value in what.query])
    if what.target.path.endswith("thay/hoan-tac"):
        query = f"luc={quote(NOON.isoformat())}".encode()
    elif what.target.path.endswith("lan-doi/hoan-tac"):
        query = f"doi={values['series_change']}".encode()
    return await site.send(
        what,
        role=NOBODY if what.role == NOBODY else EVERYWHERE,
        path=what.target.at(values).encode(),
        query=query,
        body=body if what.target.method == "POST" else b"",
    )


async def test_addresses_with_one_parent_are_found(site: HostileSite) -> None:
    found = {
        repr(each.target): (await ask(site, each, site.town.values_for(each.target.path))).status
        for each in with_parents(site)
    }

    assert len(found) > 100
    assert [target for target, status in found.items() if status == 404] == []


async def test_address_with_two_parents_is_not_found_and_changes_nothing(site: HostileSite) -> None:
    wrong: list[str] = []
    for each in with_parents(site):
        for which, values in crossed(site, each.target):
            answer = await ask(site, each, values)
            if answer.status not in (404, SAID.get(repr(each.target))) or site.changed:
                wrong.append(f"{each.target!r}, {which}: {answer.status}, changed {sorted(site.changed)}")
    assert wrong == []
