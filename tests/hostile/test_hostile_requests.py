"""No input reaches a 5xx: hostile values in every field, address, query, cookie and header, as every role.

A refusal changes nothing. Each request starts from the same database.
"""

import random
from collections.abc import Sequence
from urllib.parse import quote

import pytest
from hypothesis import note
from hypothesis import strategies as st

from tests.hostile.client import encoded
from tests.hostile.hostile_site import HostileSite
from tests.hostile.targets import Attackable
from tests.hostile.trials import few_and_many
from tests.hostile.values import CORPUS, hostile

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


async def _post_every_form(site: HostileSite, *, passes: int) -> None:
    chance = random.Random(1)
    forms = [each for each in site.attackables if each.names and each.target.method == "POST"]
    assert len(forms) > 80
    for each in forms:
        shown = [(name, value.encode()) for name, value in each.fields if name not in each.target.form]
        for _pass in range(passes):
            fields = [(name, chance.choice(CORPUS)) for name in each.names]
            await site.send(each, query=_query(each), body=encoded([*shown, *fields]))


async def test_pages_are_opened_by_people_who_are_signed_in(site: HostileSite) -> None:
    for each in site.attackables:
        if each.role and each.target.method == "GET":
            answer = await site.send(each)
            assert not answer.header(b"location").startswith("/dang-nhap"), each


def test_addresses_of_staged_lists_lead_to_lists_that_exist(site: HostileSite) -> None:
    staged = [each for each in site.attackables if "{staged_id" in each.target.path]
    ids = {site.town.values["learner_list"], site.town.values["helper_list"], site.town.values["plan_sheet"]}

    assert len(staged) > 15
    assert all(any(number in each.path for number in ids) for each in staged)
    seen = [each for each in staged if each.target.method == "POST" and each.fields]
    assert {each.target.path.rpartition("/")[2] for each in seen} >= {"tra-loi", "cot", "luu", "bo"}


@pytest.mark.parametrize("passes", [1, pytest.param(20, marks=pytest.mark.long)])
async def test_every_form_takes_hostile_values_in_all_fields(site: HostileSite, passes: int) -> None:
    await _post_every_form(site, passes=passes)


async def test_every_form_takes_each_value_twice(site: HostileSite) -> None:
    """Rows that are saved by one statement must not meet in a constraint."""
    for each in site.attackables:
        if each.fields and each.target.method == "POST":
            fields = [(name, value.encode()) for name, value in each.fields for _twice in range(2)]
            await site.send(each, query=_query(each), body=encoded(fields))


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


(
    test_each_field_takes_hostile_values_beside_good_ones,
    test_each_field_takes_many_hostile_values_beside_good_ones,
) = few_and_many(_post_one_form)


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


test_each_address_and_query_takes_hostile_values, test_each_address_and_query_takes_many_hostile_values = (
    few_and_many(_ask_for_one_address)
)


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


test_each_page_takes_hostile_headers_and_cookies, test_each_page_takes_many_hostile_headers_and_cookies = (
    few_and_many(_send_one_header)
)


def _query(what: Attackable) -> bytes:
    return encoded([(name, value.encode()) for name, value in what.query])


def _foreign_ids(site: HostileSite) -> Sequence[bytes]:
    """Numbers that are somebody's: another ward's rows, and rows of other tables."""
    return sorted({value.encode() for value in site.town.elsewhere.values()})
