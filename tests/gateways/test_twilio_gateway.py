"""The Twilio gateway against a provider on loopback: what each answer, and each silence, means for us."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from gateways.protocol import (
    GatewayError,
    GatewayRejected,
    GatewayUnavailable,
    OutcomeUnknown,
    OutgoingText,
    Receipt,
)
from gateways.twilio import TwilioGateway
from lopso.kernel.clock import utc_now
from lopso.kernel.settings import TwilioSettings
from tests.gateways.provider import Happening, Provider, provider_running

PUBLIC = "https://lop-so.example.vn"


def text(to: str = "+84912345678", body: str = "14h00 thu Nam 26/11: lop ky nang so.") -> OutgoingText:
    return OutgoingText(uuid4(), to, body, utc_now() + timedelta(hours=3))


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with provider_running() as running:
        yield running


async def gateway(settings: TwilioSettings, *, seconds: float = 5.0) -> TwilioGateway:
    return TwilioGateway(settings, public_url=PUBLIC, clock=utc_now, timeout=seconds)


async def test_text_is_sent_with_the_address_for_reports(provider: Provider) -> None:
    sent = text()
    twilio = await gateway(provider.settings)

    receipt = await twilio.send(sent)
    await twilio.close()

    [taken] = provider.taken
    assert (taken.to, taken.body) == (sent.to, sent.body)
    assert taken.callback == f"{PUBLIC}/webhook/twilio/{sent.reference}"
    assert (
        10_700 < taken.validity <= 10_800
    )  # the provider drops it rather than deliver it after the class began
    assert receipt == Receipt(taken.sid, "sent", None, {"status": "queued", "segments": "1"})


async def test_every_character_arrives_as_it_was(provider: Provider) -> None:
    strange = "a&b=c;d+e %41 #?/:@[]{}'\"\\\n€ Đặng Thị Ưỡn"
    twilio = await gateway(provider.settings)

    await twilio.send(text(body=strange))
    await twilio.close()

    assert [each.body for each in provider.taken] == [strange]


@pytest.mark.parametrize(
    ("happening", "means", "reached"),
    [
        ("21610", GatewayRejected("21610", "opted_out"), 0),
        ("21614", GatewayRejected("21614", "not_mobile"), 0),
        ("21211", GatewayRejected("21211", "bad_number"), 0),
        ("30007", GatewayRejected("30007", "blocked"), 0),
        ("63999", GatewayRejected("63999", "refused"), 0),
        ("html", OutcomeUnknown("JSONDecodeError"), 0),
        ("html_400", OutcomeUnknown("400"), 0),
        ("strange", OutcomeUnknown("AttributeError"), 0),
        ("429", GatewayUnavailable("429", retry_after=1.0), 0),
        ("500", OutcomeUnknown("20500"), 0),
        ("reset", OutcomeUnknown("ServerDisconnectedError"), 0),
        ("accept_and_500", OutcomeUnknown("20500"), 1),
        ("accept_and_reset", OutcomeUnknown("ServerDisconnectedError"), 1),
        ("accept_late", OutcomeUnknown("TimeoutError"), 1),
    ],
)
async def test_each_answer_means_no_wait_or_unknown(
    provider: Provider, happening: Happening, means: GatewayError, reached: int
) -> None:
    provider.script = lambda _n, _form: happening
    provider.hang = 2.0
    twilio = await gateway(provider.settings, seconds=0.5)

    with pytest.raises(type(means)) as refusal:
        await twilio.send(text())
    await twilio.close()

    assert vars(refusal.value) == vars(means)
    assert len(provider.calls) == 1  # no client retries behind our back
    assert len(provider.taken) == reached


async def test_wrong_credentials_wait_for_a_person_and_reject_nothing(provider: Provider) -> None:
    twilio = await gateway(replace(provider.settings, auth_token="wrong" * 6))

    with pytest.raises(GatewayUnavailable) as refusal:
        await twilio.send(text())
    await twilio.close()

    assert refusal.value.why == "credentials"
    assert refusal.value.retry_after >= 60
    assert provider.calls == []


async def test_a_provider_that_is_not_there_sent_nothing() -> None:
    async with provider_running() as gone:
        settings = gone.settings
    twilio = await gateway(settings)

    with pytest.raises(GatewayUnavailable):
        await twilio.send(text())
    with pytest.raises(GatewayUnavailable):
        await twilio.find(text(), since=utc_now())
    await twilio.close()


async def test_text_is_found_by_number_body_and_time(provider: Provider) -> None:
    twilio = await gateway(provider.settings)
    wanted = text()
    began = utc_now()
    await twilio.send(text(body="Another text to the same phone."))
    await twilio.send(wanted)
    await twilio.send(text(to="+84987654321"))
    provider.taken[1].status, provider.taken[1].error_code = "undelivered", 30003

    found = await twilio.find(wanted, since=began)
    found_later = await twilio.find(wanted, since=began + timedelta(minutes=10))
    await twilio.close()

    detail = {"status": "undelivered", "segments": "1"}
    assert found == [Receipt(provider.taken[1].sid, "undelivered", "30003", detail, "unreachable")]
    assert found_later == []


async def test_a_text_is_fetched_by_its_name(provider: Provider) -> None:
    twilio = await gateway(provider.settings)
    sent = text()
    receipt = await twilio.send(sent)
    provider.taken[0].status = "delivered"

    news = await twilio.fetch(sent, receipt.provider_id)
    unknown = await twilio.fetch(sent, "SM" + "f" * 32)
    await twilio.close()

    assert news == Receipt(receipt.provider_id, "delivered", None, {"status": "delivered", "segments": "1"})
    assert unknown is None
    assert (provider.fetches, provider.listings) == (2, 0)


async def test_success_with_an_error_inside_is_a_failure(provider: Provider) -> None:
    provider.script = lambda _n, _form: "failed"
    twilio = await gateway(provider.settings)

    receipt = await twilio.send(text())
    await twilio.close()

    assert (receipt.status, receipt.error_code, receipt.kind) == ("failed", "30006", "not_mobile")


async def test_registered_template_is_sent_as_sid_and_values(
    provider: Provider,
) -> None:
    forms: list[dict[str, str]] = []

    def note(_n: int, form: dict[str, str]) -> Happening:
        forms.append(form)
        return "500"

    provider.script = note
    registered = replace(
        text(body="14h00 thu Nam 26/11: moi ba Lan (to 5)."),
        registered_id="HX" + "a" * 32,
        wording="{time} {day}: moi {names}.",
    )
    for settings in (provider.settings, replace(provider.settings, content=True)):
        twilio = await gateway(settings)
        for each in (registered, replace(registered, wording="{time} of something else")):
            with pytest.raises(OutcomeUnknown):
                await twilio.send(each)
        await twilio.close()

    said = [
        (form.get("ContentSid"), form.get("ContentVariables"), form.get("Body") or None) for form in forms
    ]
    whole = (None, None, registered.body)
    values = '{"1": "14h00", "2": "thu Nam 26/11", "3": "ba Lan (to 5)"}'
    assert said == [whole, whole, (registered.registered_id, values, None), whole]


async def test_messaging_service_replaces_the_sender_name(provider: Provider) -> None:
    forms: list[dict[str, str]] = []

    def note(_n: int, form: dict[str, str]) -> Happening:
        forms.append(form)
        return "accept"

    provider.script = note
    for sender in ("LopSo", "MG" + "b" * 32):
        twilio = await gateway(replace(provider.settings, sender=sender))
        await twilio.send(text())
        await twilio.close()

    assert [(form.get("From"), form.get("MessagingServiceSid")) for form in forms] == [
        ("LopSo", None),
        (None, "MG" + "b" * 32),
    ]


async def test_check_reports_wrong_credentials_and_sends_nothing(provider: Provider) -> None:
    good, wrong = (
        await gateway(provider.settings),
        await gateway(replace(provider.settings, auth_token="w" * 32)),
    )

    await good.check()
    with pytest.raises(GatewayUnavailable) as refusal:
        await wrong.check()
    await good.close()
    await wrong.close()

    assert refusal.value.why == "credentials"
    assert provider.calls == []


async def test_text_is_found_behind_many_later_ones_to_its_number(provider: Provider) -> None:
    twilio = await gateway(provider.settings)
    wanted, began = text(), utc_now()
    await twilio.send(wanted)
    for number in range(120):
        await twilio.send(text(body=f"Later text {number}."))

    found = await twilio.find(wanted, since=began)
    await twilio.close()

    assert [each.provider_id for each in found] == [provider.taken[0].sid]
    assert provider.listings == 3


async def test_lookup_of_a_template_text_is_marked_uncertain(
    provider: Provider,
) -> None:
    sid = "HX" + "a" * 32
    provider.templates = {sid: "{{1}}, {{2}}: moi {{3}}."}  # a comma that our wording does not have
    registered = replace(
        text(body="14h00 thu Nam 26/11: moi ba Lan."), registered_id=sid, wording="{time} {day}: moi {names}."
    )
    twilio, began = await gateway(replace(provider.settings, content=True)), utc_now()
    await twilio.send(registered)

    found = await twilio.find(registered, since=began)
    await twilio.close()

    assert [(each.provider_id, each.certain) for each in found] == [(provider.taken[0].sid, False)]


async def test_refused_sender_is_no_fault_of_the_text(provider: Provider) -> None:
    provider.script = lambda _n, _form: "21606"
    twilio = await gateway(provider.settings)

    with pytest.raises(GatewayUnavailable) as refusal:
        await twilio.send(text())
    await twilio.close()

    assert (refusal.value.why, refusal.value.retry_after >= 60) == ("sender", True)
