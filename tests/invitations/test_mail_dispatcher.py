"""Invitations on their way: to a real mail server, read by a strict reader, taken by a real calendar."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from invitations.rules.feeds import learner_uid
from learners.service.consents import answer_consents
from tests.classroom import WARD, add_learner
from tests.factories import NOON, TEST
from tests.invitations.mail_factories import (
    LAN_EMAIL,
    MINH_EMAIL,
    agree_to_mail,
    dispatcher_for,
)
from tests.invitations.mail_scenario import MailScenario, scenario, scenario_course
from tests.invitations.mail_server import (
    MailServer,
    events,
    invitations,
    mail_server_running,
    words_of,
)
from tests.notifications.scenario import LAN, THURSDAY, add_class, announce

__all__ = ["scenario"]

HUE = ZoneInfo("Asia/Ho_Chi_Minh")


async def test_invitation_has_complete_headers_text_and_calendar(scenario: MailScenario) -> None:
    await scenario.deliver()

    [mail] = scenario.server.mails()
    assert mail["From"].addresses[0].addr_spec == "lop-so@hue.example.vn"
    assert mail["To"].addresses[0].addr_spec == MINH_EMAIL
    assert mail["To"].addresses[0].display_name == "Lê Văn Minh"
    assert mail["Reply-To"].addresses[0].addr_spec == "vanphong@hue.example.vn"
    assert mail["Subject"] == "Mời hỗ trợ: Thanh toán QR, buổi 3, 14h00 thứ Năm 26/11"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@hue.example.vn>")
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/calendar",
        "application/ics",
    ]
    assert words_of(mail) == (
        "Chào anh Lê Văn Minh,\n\n"
        "Phường Phú Xuân mời tham gia:\n\n"
        "Thanh toán QR, buổi 3\n14h00 – 16h00, thứ Năm 26/11/2026\nNhà văn hóa TDP 5\nViệc: hỗ trợ.\n\n"
        "Xin nhận buổi hoặc báo bận ở trang “Việc của tôi”: https://lop-so.example.vn/viec-cua-toi\n"
        "Nếu chỉ bấm trả lời trong chương trình lịch, Phường Phú Xuân chưa biết.\n\n"
        "Kèm theo là lời mời để đưa buổi này vào lịch.\n\n"
        "Có gì thay đổi, xin gọi Phường Phú Xuân, số 0234 3823 456.\n\n"
        "Thư này gửi tự động từ Lớp Số.\n"
    )
    beside, attached = invitations(mail)
    assert beside == attached
    assert beside["METHOD"] == "REQUEST"
    [event] = events(beside)
    assert str(event["UID"]) == f"buoi-{scenario.session.id}.nguoi-{scenario.minh.id}@lopso"
    assert (event["SEQUENCE"], event["STATUS"]) == (1, "CONFIRMED")
    assert event["DTSTART"].dt == datetime(2026, 11, 26, 14, 0, tzinfo=HUE)
    assert event["DTSTART"].params["TZID"] == "Asia/Ho_Chi_Minh"
    assert [str(zone["TZID"]) for zone in beside.walk("VTIMEZONE")] == ["Asia/Ho_Chi_Minh"]
    assert event["DTSTAMP"].dt == NOON
    assert str(event["ORGANIZER"]) == "mailto:vanphong@hue.example.vn"
    assert str(event["ATTENDEE"]) == f"mailto:{MINH_EMAIL}"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    [part] = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REQUEST"
    assert part.get_content_charset() == "utf-8"


async def test_request_update_and_cancel_share_one_uid(scenario: MailScenario) -> None:
    await scenario.deliver()
    await scenario.move_session()
    await scenario.deliver()
    await scenario.withdraw_helper()
    await scenario.deliver()
    await scenario.offer_again()
    await scenario.deliver()
    await scenario.cancel()
    await scenario.deliver()

    mails = scenario.server.mails()
    sent = scenario.sent_events()
    assert [invitations(mail)[0]["METHOD"] for mail in mails] == [
        "REQUEST",
        "REQUEST",
        "CANCEL",
        "REQUEST",
        "CANCEL",
    ]
    assert len({str(event["UID"]) for event in sent}) == 1
    assert [event["SEQUENCE"] for event in sent] == [1, 2, 3, 5, 7]
    assert [str(event["STATUS"]) for event in sent] == [
        "CONFIRMED",
        "CONFIRMED",
        "CANCELLED",
        "CONFIRMED",
        "CANCELLED",
    ]
    assert [event["DTSTART"].dt.day for event in sent] == [26, 27, 27, 27, 27]
    assert {str(event["ATTENDEE"]) for event in sent} == {f"mailto:{MINH_EMAIL}"}
    assert [str(mail["Subject"]).split(":")[0] for mail in mails] == [
        "Mời hỗ trợ",
        "Đổi lịch",
        "Bỏ khỏi lịch",
        "Mời hỗ trợ",
        "Đã hủy",
    ]
    assert "Lý do: Mưa lớn, ngập đường" in words_of(mails[-1])
    assert len(scenario.server.shown()) == 5
    assert {state for _purpose, state in await scenario.ledger()} == {"sent"}


async def test_reverted_change_sends_no_mail(scenario: MailScenario) -> None:
    await scenario.deliver()
    await scenario.withdraw_helper()
    await scenario.offer_again()  # before the mail about it went
    await scenario.deliver()

    assert len(scenario.server.mails()) == 1
    assert await scenario.ledger() == [("invitation", "sent"), ("cancellation", "withdrawn")]


async def test_series_is_one_mail_with_a_calendar_part_each(scenario: MailScenario) -> None:
    async with scenario.sessions.begin() as db:
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        await agree_to_mail(db, lan)
        course = await scenario_course(db)
        series = [
            await add_class(db, course, lan, starts_at=THURSDAY + timedelta(days=7 * n)) for n in range(3)
        ]
        await announce(db, *series)
    await scenario.deliver()

    [mail] = scenario.server.mails(LAN_EMAIL)
    found = invitations(mail)
    assert str(mail["Subject"]) == "Lịch 3 buổi, từ 14h00 thứ Năm 26/11 – Phường Phú Xuân"
    # The first also stands beside the words; RFC 5546: one UID in each calendar.
    assert found[0] == found[1]
    assert [len(events(each)) for each in found] == [1, 1, 1, 1]
    assert {str(each["METHOD"]) for each in found} == {"REQUEST"}
    assert [str(events(each)[0]["UID"]) for each in found[1:]] == [
        learner_uid(session.id, lan.id) for session in series
    ]
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "buoi-1-ngay-26-11-14h00.ics",
        "buoi-2-ngay-03-12-14h00.ics",
        "buoi-3-ngay-10-12-14h00.ics",
    ]
    words = words_of(mail)
    assert words.startswith("Kính gửi bà Lê Thị Lan,\n\nPhường Phú Xuân gửi lịch học đã ghi danh:\n\n")
    assert words.count("Thanh toán QR, buổi 3\n") == 3
    # Swindlers send links; the ward sends none to learners.
    assert "http" not in words
    assert all("URL" not in events(each)[0] for each in found)
    assert {events(each)[0]["ATTENDEE"].params["PARTSTAT"] for each in found} == {"ACCEPTED"}
    assert len(scenario.server.mails(MINH_EMAIL)) == 1


async def test_mail_names_no_other_learner(scenario: MailScenario) -> None:
    async with scenario.sessions.begin() as db:
        course = await scenario_course(db)
        lan, hoa = await add_learner(db, "Lê Thị Lan", phone=LAN), await add_learner(db, "Nguyễn Thị Hoa")
        await agree_to_mail(db, lan)
        await agree_to_mail(db, hoa, "hoa@example.org")
        await announce(db, await add_class(db, course, lan, hoa, starts_at=THURSDAY + timedelta(days=1)))
    await scenario.deliver()

    for address, own, other in (
        (LAN_EMAIL, "Lê Thị Lan", "Nguyễn Thị Hoa"),
        ("hoa@example.org", "Nguyễn Thị Hoa", "Lê Thị Lan"),
    ):
        [mail] = scenario.server.mails(address)
        said = words_of(mail) + "".join(each.to_ical().decode() for each in invitations(mail))
        assert own in said
        assert other not in said
        assert LAN[-6:] not in said


async def test_temporary_refusal_is_retried_with_the_same_message_id(scenario: MailScenario) -> None:
    """451: tried again after one minute, then two; the Message-ID stays."""
    scenario.server.script = lambda _to, number: "451" if number < 3 else "accept"
    first = await scenario.deliver()
    early = await scenario.deliver(after=timedelta(seconds=30))
    second = await scenario.deliver(after=timedelta(seconds=31))
    third = await scenario.deliver(after=timedelta(minutes=2))

    assert (first, early, second, third) == ({"planned": 1}, {}, {"planned": 1}, {"sent": 1})
    assert len(scenario.server.mails()) == 1
    latest = await scenario.latest_mail()
    assert (latest.state, latest.attempts, latest.uncertain, latest.error_code) == ("sent", 3, False, None)


async def test_permanent_refusal_fails_with_its_code(scenario: MailScenario) -> None:
    scenario.server.script = lambda _to, _number: "550"
    await scenario.deliver()
    await scenario.deliver(after=timedelta(hours=3))
    # Its reader was never invited: nothing has to be taken back.
    await scenario.cancel()
    await scenario.deliver()

    latest = await scenario.latest_mail()
    assert (latest.state, latest.state_reason, latest.error_code) == ("failed", "refused", "550 5.1.1")
    assert scenario.server.tries == {MINH_EMAIL: 1}
    assert await scenario.ledger() == [("invitation", "failed")]


async def test_refusal_after_data_fails_the_mail(scenario: MailScenario) -> None:
    scenario.server.script = lambda _to, _number: "554"
    await scenario.deliver()

    latest = await scenario.latest_mail()
    assert (latest.state, latest.error_code, scenario.server.mails()) == ("failed", "554 5.7.1", [])


@pytest.mark.parametrize("happening", ["accept_and_drop", "drop", "slow"])
async def test_lost_reply_is_retried_with_the_same_mail(scenario: MailScenario, happening: Any) -> None:
    """Whether the server had taken it or not, mailbox and calendar show one."""
    scenario.server.script = lambda _to, number: happening if number == 1 else "accept"
    first = await scenario.deliver()
    second = await scenario.deliver()

    assert (first, second) == ({"unsure": 1}, {"sent": 1})
    assert (len(scenario.server.taken), len(scenario.server.shown())) == (1 if happening == "drop" else 2, 1)
    assert {(str(event["UID"]), event["SEQUENCE"]) for event in scenario.sent_events()} == {
        (f"buoi-{scenario.session.id}.nguoi-{scenario.minh.id}@lopso", 1)
    }
    latest = await scenario.latest_mail()
    assert (latest.state, latest.attempts, latest.uncertain) == ("sent", 2, True)


async def test_change_after_a_lost_reply_has_a_new_sequence(scenario: MailScenario) -> None:
    """The first mail may have been read: its number stands for the old time, for ever."""
    scenario.server.script = lambda _to, number: "accept_and_drop" if number == 1 else "accept"
    await scenario.deliver()
    await scenario.move_session()
    await scenario.deliver()

    assert [(event["SEQUENCE"], event["DTSTART"].dt.day) for event in scenario.sent_events()] == [
        (1, 26),
        (2, 27),
    ]
    assert await scenario.ledger() == [("invitation", "withdrawn"), ("change", "sent")]


async def test_unreachable_server_fails_no_mail(scenario: MailScenario, engine: AsyncEngine) -> None:
    lost = dispatcher_for(engine, scenario.clock, MailServer(port=1).settings)
    scenario.clock.forward(timedelta(minutes=2))

    tally = await lost.deliver_due()

    latest = await scenario.latest_mail()
    assert tally == {}
    assert (latest.state, latest.attempts, latest.error_code) == ("planned", 0, "unreachable")
    assert await lost.problem() == (
        "The mail server cannot be used (nobody answers at LOPSO_SMTP_HOST and LOPSO_SMTP_PORT);"
        " mails wait, texts go on."
    )
    assert await scenario.deliver() == {"sent": 1}  # once it is back


async def test_wrong_password_fails_no_mail(scenario: MailScenario, engine: AsyncEngine) -> None:
    async with mail_server_running(MailServer(password="falsch")) as strict:
        shut = dispatcher_for(engine, scenario.clock, strict.settings)
        scenario.clock.forward(timedelta(minutes=2))
        tally = await shut.deliver_due()
        problem = await shut.problem()

    latest = await scenario.latest_mail()
    assert (tally, latest.state, latest.attempts, latest.error_code) == ({}, "planned", 0, "credentials 535")
    assert problem == (
        "The mail server cannot be used (it refuses LOPSO_SMTP_USER or LOPSO_SMTP_PASSWORD: 535);"
        " mails wait, texts go on."
    )


async def test_server_without_required_tls_gets_no_mail(scenario: MailScenario, engine: AsyncEngine) -> None:
    dispatcher = dispatcher_for(engine, scenario.clock, replace(scenario.server.settings, tls="starttls"))
    scenario.clock.forward(timedelta(minutes=2))
    await dispatcher.deliver_due()

    assert scenario.server.mails() == []
    assert (await scenario.latest_mail()).error_code == "tls"


async def test_mail_due_after_the_session_expires(scenario: MailScenario) -> None:
    assert await scenario.deliver(after=timedelta(days=4)) == {"expired": 1}
    assert scenario.server.mails() == []


async def test_withdrawn_consent_withdraws_planned_mail(scenario: MailScenario) -> None:
    async with scenario.sessions.begin() as db:
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        await agree_to_mail(db, lan)
        course = await scenario_course(db)
        await announce(db, await add_class(db, course, lan, starts_at=THURSDAY + timedelta(days=2)))
        await answer_consents(db, WARD, lan.id, {"invitation": False}, how="spoken", by=TEST, now=NOON)
    await scenario.deliver()

    assert scenario.server.mails(LAN_EMAIL) == []
