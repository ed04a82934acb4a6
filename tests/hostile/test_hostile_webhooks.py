"""Hostile values in what providers sign themselves: no 5xx, and a refusal changes nothing."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from hypothesis import note
from hypothesis import strategies as st
from twilio.request_validator import (  # pyright: ignore[reportMissingTypeStubs]  (Twilio ships none)
    RequestValidator,
)

from gateways.twilio_codes import REPORTED_STATUS
from tests.gateways import brandname_provider, provider
from tests.hostile.client import Answer, encoded
from tests.hostile.hostile_site import HostileSite
from tests.hostile.targets import Attackable
from tests.hostile.trials import few_and_many
from tests.hostile.values import hostile

STATUSES = st.sampled_from([each.encode() for each in REPORTED_STATUS])
SIDS = st.sampled_from([b"SM" + b"1" * 32, b"SM" + b"2" * 32])
TWILIO_FIELDS = ("MessageStatus", "MessageSid", "ErrorCode", "To", "From", "Body", "RawDlrDoneDate", "x")
BRANDNAME_FIELDS = ("RequestId", "SMSID", "SendStatus", "Error", "x")


async def _report_of_twilio(site: HostileSite, data: st.DataObject) -> None:
    good = [("MessageSid", data.draw(SIDS)), ("MessageStatus", data.draw(STATUSES)), ("ErrorCode", b"30003")]
    reference = data.draw(_references(site))
    await _send_signed(site, data, f"/webhook/twilio/{reference}", good)


async def _text_through_twilio(site: HostileSite, data: st.DataObject) -> None:
    phone = data.draw(st.sampled_from([b"+84912009753", b"+84913009753", b"+84900000000"]))
    word = data.draw(st.sampled_from([b"STOP", b"START", "Hủy".encode(), b"TC", b"Dong y"]))
    good = [("MessageSid", data.draw(SIDS)), ("From", phone), ("Body", word)]
    await _send_signed(site, data, "/webhook/twilio/tin-den", good)


async def _send_signed(
    site: HostileSite, data: st.DataObject, path: str, good: Sequence[tuple[str, bytes]]
) -> None:
    hit = data.draw(st.sets(st.sampled_from(TWILIO_FIELDS), max_size=3))
    fields = [(name, data.draw(hostile()) if name in hit else value) for name, value in good]
    fields += [(name, data.draw(hostile())) for name in sorted(hit - {name for name, _ in good})]
    body = encoded(fields)
    note(f"{path}: {fields}")
    answer = await _send(site, path, body, headers=_signed(path, body))
    assert answer.status in (200, 204, 400)


test_signed_reports_take_hostile_values, test_signed_reports_take_many_hostile_values = few_and_many(
    _report_of_twilio, few=50
)
test_signed_texts_take_hostile_values, test_signed_texts_take_many_hostile_values = few_and_many(
    _text_through_twilio, few=50
)


def _json() -> st.SearchStrategy[Any]:
    """Any JSON, lone surrogates and endless numbers included."""
    plain = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(), max_size=20),
        st.sampled_from(["\0", "\ud800", "x" * 3000, "9" * 5000, 10**400, [[[]]], {"a": {"a": 1}}]),
    )
    return st.one_of(
        plain, st.lists(plain, max_size=3), st.dictionaries(st.text(max_size=5), plain, max_size=3)
    )


async def _report_of_brandname(site: HostileSite, data: st.DataObject) -> None:
    reference = data.draw(_references(site))
    good = {"RequestId": reference, "SMSID": "V1", "SendStatus": data.draw(st.sampled_from([1, 4, 5, "5"]))}
    hit = data.draw(st.sets(st.sampled_from(BRANDNAME_FIELDS), max_size=3))
    said = good | {name: data.draw(_json()) for name in sorted(hit)}
    bodies = [
        json.dumps(said).encode(),
        json.dumps([data.draw(_json()), said]).encode(),
        encoded([(name, data.draw(hostile())) for name in good]),
        data.draw(hostile()),
        b"[" * 100_000,
    ]
    body = data.draw(st.sampled_from(bodies))
    path = data.draw(st.sampled_from(["/webhook/tin-nhan", f"/webhook/tin-nhan/{reference}"]))
    key = data.draw(st.one_of(st.just(brandname_provider.TOKEN.encode()), hostile()))
    note(f"{path}: {body[:500]!r}")
    answer = await _send(site, path, body, query=encoded([("khoa", key)]))
    assert answer.status == 200 or key != brandname_provider.TOKEN.encode()


test_brandname_reports_take_hostile_values, test_brandname_reports_take_many_hostile_values = few_and_many(
    _report_of_brandname, few=50
)


async def test_reports_without_anything_hostile_are_recorded(site: HostileSite) -> None:
    form = [("MessageSid", b"SM" + b"1" * 32), ("MessageStatus", b"delivered")]
    for reference in site.town.references:
        path, body = f"/webhook/twilio/{reference}", encoded(form)
        answer = await _send(site, path, body, headers=_signed(path, body))
        assert (answer.status, "message" in site.changed) == (204, True)

        said = json.dumps({"RequestId": reference, "SMSID": "V1", "SendStatus": 5}).encode()
        key = encoded([("khoa", brandname_provider.TOKEN.encode())])
        answer = await _send(site, "/webhook/tin-nhan", said, query=key)
        assert (answer.status, "message" in site.changed) == (200, True)


async def test_text_without_anything_hostile_is_recorded(site: HostileSite) -> None:
    path = "/webhook/twilio/tin-den"
    body = encoded([("MessageSid", b"SM" + b"1" * 32), ("From", b"+84912009753"), ("Body", b"STOP")])
    answer = await _send(site, path, body, headers=_signed(path, body))
    assert (answer.status, "opt_out" in site.changed) == (200, True)


def _signed(path: str, body: bytes) -> Sequence[tuple[bytes, bytes]]:
    """The header with which Twilio signs a form."""
    received = dict(parse_qsl(body.decode(), keep_blank_values=True))
    signature: str = RequestValidator(provider.TOKEN).compute_signature(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  (untyped)
        f"http://127.0.0.1{path}", received
    )
    return [(b"x-twilio-signature", signature.encode())]  # pyright: ignore[reportUnknownMemberType]  (untyped)


def _references(site: HostileSite) -> st.SearchStrategy[str]:
    return st.sampled_from([*site.town.references, "00000000-0000-0000-0000-000000000000"])


async def _send(
    site: HostileSite,
    path: str,
    body: bytes,
    *,
    query: bytes = b"",
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> Answer:
    what = next(each for each in site.attackables if each.target.pattern.fullmatch(path))
    sent = Attackable(what.target, what.role, path)
    return await site.send(sent, query=query, body=body, headers=headers)
