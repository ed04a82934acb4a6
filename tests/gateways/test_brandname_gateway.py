"""The brand-name gateway against one on loopback: what each answer, and each silence, means for us."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gateways.brandname import BrandnameGateway
from gateways.protocol import (
    GatewayError,
    GatewayRejected,
    GatewayUnavailable,
    OutcomeUnknown,
    OutgoingText,
    Receipt,
)
from lopso.kernel.clock import utc_now
from tests.gateways.brandname_provider import (
    SECRET,
    TOKEN,
    USER,
    BrandnameProvider,
    Happening,
    brandname_running,
    description,
    settings_for,
)

PUBLIC = "https://lop-so.example.vn"


def text(to: str = "+84912345678", body: str = "14h00 thu Nam 26/11: lop ky nang so.") -> OutgoingText:
    return OutgoingText(uuid4(), to, body, utc_now() + timedelta(hours=3))


@pytest.fixture
async def provider() -> AsyncIterator[BrandnameProvider]:
    async with brandname_running() as running:
        yield running


async def gateway(described: dict[str, Any], folder: Path, *, secret: str = SECRET) -> BrandnameGateway:
    return BrandnameGateway(
        settings_for(described, folder, secret=secret), public_url=PUBLIC, connections=4, timeout=2.0
    )


async def test_text_is_sent_as_described(provider: BrandnameProvider, tmp_path: Path) -> None:
    strange = "a&b=c;d+e %41 {secret} #?/:@[]'\"\\\n€ Đặng Thị Ưỡn"
    sent = text(body=strange)
    sms = await gateway(description(provider.base_url), tmp_path)

    receipt = await sms.send(sent)
    await sms.close()

    assert provider.calls == [
        {
            "ApiKey": USER,
            "SecretKey": SECRET,
            "Phone": "84912345678",
            "Content": strange,  # whole, and what stands in braces there is not read again
            "BrandnameConfig": "LOPSO",
            "SmsType": 2,
            "RequestId": sent.reference.hex,
            "Callback": f"{PUBLIC}/webhook/tin-nhan/{sent.reference}?khoa={TOKEN}",
        }
    ]
    assert receipt == Receipt("V1", detail={"code": "100"})


@pytest.mark.parametrize("way", [("POST", "form"), ("GET", "query"), ("POST", "query")])
async def test_forms_and_addresses_carry_the_same(
    provider: BrandnameProvider, tmp_path: Path, way: tuple[str, str]
) -> None:
    described = description(provider.base_url, phone="0")
    described["send"] |= {"method": way[0], "body": way[1]}
    strange = "a&b=c;d+e %41 #?/:@ Đặng Thị Ưỡn"
    sms = await gateway(described, tmp_path)

    await sms.send(text(body=strange))
    await sms.close()

    [taken] = provider.taken.values()
    assert (taken.phone, taken.content, taken.sender) == ("0912345678", strange, "LOPSO")


@pytest.mark.parametrize(
    ("happening", "means", "taken"),
    [
        ("no_number", GatewayRejected("99", "bad_number"), 0),
        ("opted_out", GatewayRejected("145", "opted_out"), 0),
        ("strange", GatewayRejected("777", "refused"), 0),
        ("busy", GatewayUnavailable("131", retry_after=30.0), 0),
        ("429", GatewayUnavailable("429", retry_after=7.0), 0),
        ("no_credit", GatewayUnavailable("no_credit", retry_after=300.0), 0),
        ("html_404", GatewayUnavailable("404", retry_after=300.0), 0),
        ("500", OutcomeUnknown("999"), 0),
        ("html", OutcomeUnknown("no_code"), 0),
        ("redirect", OutcomeUnknown("302"), 0),
        ("endless", OutcomeUnknown("ValueError"), 0),
        ("reset", OutcomeUnknown("ServerDisconnectedError"), 0),
        ("accept_and_reset", OutcomeUnknown("ServerDisconnectedError"), 1),
        ("accept_and_500", OutcomeUnknown("999"), 1),
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_each_answer_means_no_wait_or_unknown(
    provider: BrandnameProvider,
    tmp_path: Path,
    happening: Happening,
    means: GatewayError,
    taken: int,
    method: str,
) -> None:
    provider.script = lambda _n: happening
    described = description(provider.base_url)
    if method == "GET":
        described["send"] |= {"method": "GET", "body": "query"}
    sms = await gateway(described, tmp_path)

    with pytest.raises(type(means)) as refusal:
        await sms.send(text())
    await sms.close()

    assert vars(refusal.value) == vars(means)
    assert len(provider.calls) == 1  # nobody tries again behind our back, not even a GET
    assert len(provider.taken) == taken


async def test_wrong_credentials_wait_for_a_person_and_reject_nothing(
    provider: BrandnameProvider, tmp_path: Path
) -> None:
    sms = await gateway(description(provider.base_url), tmp_path, secret="wrong")

    for asked in (sms.send(text()), sms.check(), sms.find(text(), since=utc_now())):
        with pytest.raises(GatewayUnavailable) as refusal:
            await asked
        assert (refusal.value.why, refusal.value.retry_after) == ("credentials", 300.0)
    await sms.close()

    assert provider.calls == []


async def test_check_passes_for_known_credentials_and_without_a_lookup(
    provider: BrandnameProvider, tmp_path: Path
) -> None:
    asked = await gateway(description(provider.base_url), tmp_path)
    silent = await gateway(description(provider.base_url, lookup=None), tmp_path)

    await asked.check()
    await silent.check()

    assert (asked.has_lookup, silent.has_lookup) == (True, False)
    with pytest.raises(GatewayUnavailable):
        await silent.find(text(), since=utc_now())
    assert await silent.fetch(text(), "V1") is None
    assert provider.calls == []
    await asked.close()
    await silent.close()


async def test_a_provider_that_is_not_there_sent_nothing(tmp_path: Path) -> None:
    async with brandname_running() as gone:
        described = description(gone.base_url)
    sms = await gateway(described, tmp_path)

    for asked in (sms.send(text()), sms.check()):
        with pytest.raises(GatewayUnavailable):
            await asked
    await sms.close()


async def test_text_of_unknown_outcome_is_found_by_reference(
    provider: BrandnameProvider, tmp_path: Path
) -> None:
    provider.script = lambda n: "accept_and_reset" if n == 0 else "reset"
    sms = await gateway(description(provider.base_url), tmp_path)
    arrived, lost = text(), text()
    for each in (arrived, lost):
        with pytest.raises(OutcomeUnknown):
            await sms.send(each)
    provider.taken[arrived.reference.hex].state = "4"
    provider.taken[arrived.reference.hex].error = "70"

    found = await sms.find(arrived, since=utc_now())
    provider.taken[arrived.reference.hex].state = "6"
    on_its_way = await sms.fetch(arrived, "V1")
    found_of_lost = await sms.find(lost, since=utc_now())
    await sms.close()

    assert found == [
        Receipt("V1", "undelivered", "70", {"status": "4", "code": "70"}, "unreachable"),
    ]
    assert on_its_way == Receipt("V1", "sent", None, {"status": "6", "code": "70"})
    assert found_of_lost == []


async def test_duplicate_reference_is_sent_once_and_not_refused(
    provider: BrandnameProvider, tmp_path: Path
) -> None:
    provider.script = lambda n: "accept_and_reset" if n == 0 else "accept"
    sms = await gateway(description(provider.base_url), tmp_path)
    sent = text()
    with pytest.raises(OutcomeUnknown):
        await sms.send(sent)

    again = await sms.send(sent)
    await sms.close()

    assert again == Receipt(sent.reference.hex, "sent", None, {"code": "124"})
    assert len(provider.taken) == 1


async def test_values_go_apart_where_a_registered_wording_wants_them(
    provider: BrandnameProvider, tmp_path: Path
) -> None:
    described = description(provider.base_url)
    described["send"]["fields"] |= {
        "TemplateId": "{template}",
        "Params": {"for_each_value": {"NUM": "{number}", "CONTENT": "{value}"}},
        "Encoded": ["{body_base64}"],
    }
    sms = await gateway(described, tmp_path)
    registered = replace(text(body="14h00: moi ba Lan."), registered_id="T7", wording="{time}: moi {names}.")

    await sms.send(registered)
    await sms.close()

    [call] = provider.calls
    assert (call["TemplateId"], call["Params"], call["Encoded"]) == (
        "T7",
        [{"NUM": "1", "CONTENT": "14h00"}, {"NUM": "2", "CONTENT": "ba Lan"}],
        ["MTRoMDA6IG1vaSBiYSBMYW4u"],
    )
