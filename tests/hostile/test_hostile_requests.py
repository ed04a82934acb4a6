"""No input reaches a 5xx: hostile values in every field, address, query, cookie and header, as every role.

A refusal changes nothing. Each request starts from the same database.
"""

import random
from collections.abc import AsyncIterator, Sequence
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from lopso.kernel.settings import Settings
from tests.applications import Applications
from tests.databases import Databases
from tests.factories import NOON
from tests.hostile.client import encoded
from tests.hostile.hostile_site import HostileSite, hostile_site
from tests.hostile.targets import Attackable
from tests.hostile.values import CORPUS, hostile

FEW, MANY = 100, 1000
COOKIES = ("csrf", "lopso", "lang", "flash")
HEADERS = (
    b"accept", b"accept-encoding", b"accept-language", b"content-length", b"content-type", b"cookie", b"host",
    b"hx-current-url", b"hx-request", b"if-modified-since", b"if-none-match", b"origin", b"range", b"referer",
    b"sec-fetch-site", b"user-agent", b"x-csrftoken", b"x-forwarded-for", b"x-twilio-signature",
)  # fmt: skip
KINDS = (
    b"application/json", b"multipart/form-data; boundary=b", b"multipart/form-data", b"text/plain", b"",
    b"application/x-www-form-urlencoded; charset=utf-16",
)  # fmt: skip

_examples = settings(
    max_examples=FEW,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    report_multiple_bugs=False,
)
_many_examples = settings(_examples, max_examples=MANY)


@pytest.fixture(scope="module")
async def site(
    databases: Databases, applications: Applications, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[HostileSite]:
    """One for all tests here: every request finds the database as it was."""
    settings = Settings(None, tmp_path_factory.mktemp("home"), "http://127.0.0.1", "t" * 40)
    async with databases.one() as own:
        own.single_use = True
        with applications.one(settings, own.engine, lambda: NOON) as app:
            async with hostile_site(app, settings, own) as site:
                yield site


async def _post_every_form(site: HostileSite, *, passes: int) -> None:
    chance = random.Random(1)
    forms = [each for each in site.attackables if each.names and each.target.method == "POST"]
    assert len(forms) > 80
    for each in forms:
        shown = [(name, value.encode()) for name, value in each.fields if name not in each.target.form]
        for _pass in range(passes):
            fields = [(name, chance.choice(CORPUS)) for name in each.names]
            await site.send(each, query=_query(each), body=encoded([*shown, *fields]))


async def test_every_form_takes_hostile_values_in_all_fields(site: HostileSite) -> None:
    await _post_every_form(site, passes=1)


@pytest.mark.long
async def test_every_form_takes_many_hostile_values_in_all_fields(site: HostileSite) -> None:
    await _post_every_form(site, passes=20)


async def _post_one_form(site: HostileSite, data: st.DataObject) -> None:
    what = data.draw(st.sampled_from([each for each in site.attackables if each.names]))
    hit = data.draw(st.sets(st.sampled_from(what.names), min_size=1, max_size=2))
    values = st.one_of(hostile(), st.sampled_from(_foreign_ids(site)))
    fields = [(name, data.draw(values) if name in hit else value.encode()) for name, value in what.fields]
    fields += [(name, data.draw(values)) for name in sorted(hit - {name for name, _ in what.fields})]
    role = data.draw(st.sampled_from([what.role, what.role, *site.clients]))
    note(f"{what} sent as {role}: {fields}")
    if what.target.method == "GET":
        await site.send(what, role=role, query=encoded(fields))
    else:
        await site.send(what, role=role, query=_query(what), body=encoded(fields))


@_examples
@given(data=st.data())
async def test_each_field_takes_hostile_values_beside_good_ones(
    site: HostileSite, data: st.DataObject
) -> None:
    await _post_one_form(site, data)


@pytest.mark.long
@_many_examples
@given(data=st.data())
async def test_each_field_takes_many_hostile_values_beside_good_ones(
    site: HostileSite, data: st.DataObject
) -> None:
    await _post_one_form(site, data)


async def _ask_for_one_address(site: HostileSite, data: st.DataObject) -> None:
    what = data.draw(st.sampled_from(site.attackables))
    given_values = site.town.values_for(what.target.path)
    hit = data.draw(st.sets(st.sampled_from(["", *what.target.parameters]), max_size=1))
    values = {
        name: quote(data.draw(hostile()), safe="") if name in hit else quote(value)
        for name, value in given_values.items()
    }
    query = [(name, data.draw(hostile())) for name in (*what.target.query, "x")]
    role = data.draw(st.sampled_from([what.role, *site.clients]))
    path = what.target.at(values).encode()
    note(f"{what.target.method} {path!r}?{query} as {role}")
    await site.send(what, role=role, path=path, query=encoded(query))


@_examples
@given(data=st.data())
async def test_each_address_and_query_takes_hostile_values(site: HostileSite, data: st.DataObject) -> None:
    await _ask_for_one_address(site, data)


@pytest.mark.long
@_many_examples
@given(data=st.data())
async def test_each_address_and_query_takes_many_hostile_values(
    site: HostileSite, data: st.DataObject
) -> None:
    await _ask_for_one_address(site, data)


async def _send_one_header(site: HostileSite, data: st.DataObject) -> None:
    what = data.draw(st.sampled_from(site.attackables))
    role = data.draw(st.sampled_from([what.role, *site.clients]))
    headers = data.draw(st.one_of(_headers(), _cookies(site.clients[role].cookies)))
    note(f"{what} with {headers} as {role}")
    await site.send(what, role=role, query=_query(what), body=data.draw(hostile()), headers=headers)


def _headers() -> st.SearchStrategy[Sequence[tuple[bytes, bytes]]]:
    kind = st.tuples(st.just(b"content-type"), st.sampled_from(KINDS))
    return st.lists(st.one_of(kind, st.tuples(st.sampled_from(HEADERS), hostile())), min_size=1, max_size=2)


def _cookies(own: dict[str, str]) -> st.SearchStrategy[Sequence[tuple[bytes, bytes]]]:
    def header(name: str, value: bytes) -> Sequence[tuple[bytes, bytes]]:
        others = [f"{each}={text}".encode() for each, text in own.items() if each != name]
        return [(b"cookie", b"; ".join([*others, name.encode() + b"=" + value]))]

    values = st.one_of(hostile(), hostile().map(lambda value: quote(value).encode()))
    return st.builds(header, st.sampled_from(COOKIES), values)


@_examples
@given(data=st.data())
async def test_each_page_takes_hostile_headers_and_cookies(site: HostileSite, data: st.DataObject) -> None:
    await _send_one_header(site, data)


@pytest.mark.long
@_many_examples
@given(data=st.data())
async def test_each_page_takes_many_hostile_headers_and_cookies(
    site: HostileSite, data: st.DataObject
) -> None:
    await _send_one_header(site, data)


def _query(what: Attackable) -> bytes:
    return encoded([(name, value.encode()) for name, value in what.query])


def _foreign_ids(site: HostileSite) -> Sequence[bytes]:
    """Numbers that are somebody's: another ward's rows, and rows of other tables."""
    return sorted({value.encode() for value in site.town.elsewhere.values()})
