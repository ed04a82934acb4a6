"""Calendars follow people: who reads elsewhere, who left, who takes a yes back, and mails that failed."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select, update

from accounts import service as accounts
from accounts.models import RoleGrant
from invitations.service.resend import resend_mail
from invitations.service.subscriptions import set_subscription
from learners.models import Learner
from learners.rules import LearnerDetails
from learners.service import consents, learners
from lopso.kernel.access import Role
from lopso.kernel.events import publish
from notifications.models import Message
from scheduling.events import AssignmentsChanged
from scheduling.models import Assignment, ClassSession
from scheduling.rules.plan import SessionChange
from scheduling.service.changes import change_session
from tests.classroom import WARD, add_learner, enrol
from tests.factories import TEST, actor_for, add_session, add_user
from tests.invitations.mail_server import MailServer, events, invitations
from tests.invitations.mail_stories import (
    LAN_READS,
    MINH_READS,
    add_reading_helper,
    agree_to_mail,
)
from tests.invitations.mail_story import Story, story, the_course
from tests.notifications.stories import LAN, THURSDAY, add_class, announce
from trainers.rules import TrainerDetails
from trainers.service import trainers
from venues.models import Room, Venue
from venues.service import RoomFacts, edit_room, edit_venue

__all__ = ["story"]

NEW = "minh.le@example.org"


def said(server: MailServer, to: str) -> list[tuple[str, int]]:
    """Method and number of what an address was told, one after the other."""
    found: list[tuple[str, int]] = []
    for mail in server.mails(to):
        calendar = invitations(mail)[0]
        found.append((str(calendar["METHOD"]), events(calendar)[0]["SEQUENCE"]))
    return found


def words_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


async def reads_at(story: Story, email: str | None) -> None:
    """Minh's address is corrected on the page of helpers."""
    minh = story.minh
    details = TrainerDetails(minh.full_name, minh.kind, minh.sex, phone=minh.phone, email=email)
    async with story.sessions.begin() as db:
        await trainers.edit(db, WARD, minh.id, details, by=TEST, now=story.clock.now)


async def lan_has_a_seat(story: Story) -> Learner:
    async with story.sessions.begin() as db:
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        await agree_to_mail(db, lan)
        course = await the_course(db)
        await announce(db, await add_class(db, course, lan, starts_at=THURSDAY + timedelta(days=2)))
    return lan


async def test_an_address_written_down_later_gets_the_coming_classes(story: Story) -> None:
    async with story.sessions.begin() as db:
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        await agree_to_mail(db, lan, "")
        lan.email = None
        course = await the_course(db)
        await announce(db, await add_class(db, course, lan, starts_at=THURSDAY + timedelta(days=2)))
    details = LearnerDetails(lan.full_name, lan.title, phone=LAN, phone_kind="mobile", email=LAN_READS)
    async with story.sessions.begin() as db:
        await learners.edit(db, WARD, lan.id, details, another=True, by=TEST, now=story.clock.now)
    await story.told()

    assert said(story.server, LAN_READS) == [("REQUEST", 1)]


async def test_the_old_address_hears_the_end_and_the_new_one_the_invitation(story: Story) -> None:
    await story.told()
    await reads_at(story, NEW)
    await story.told()
    await story.moved()
    await story.told()
    await reads_at(story, MINH_READS)
    await story.told()
    await story.cancelled()
    await story.told()

    # One calendar may read both addresses: whatever comes in whatever order, what counts is the highest.
    assert said(story.server, MINH_READS) == [("REQUEST", 1), ("CANCEL", 2), ("REQUEST", 6), ("CANCEL", 8)]
    assert said(story.server, NEW) == [("REQUEST", 3), ("REQUEST", 4), ("CANCEL", 5)]
    farewell = story.server.mails(MINH_READS)[1]
    assert "Thư mời nay gửi đến địa chỉ e-mail khác" in words_of(farewell)
    attendee = events(invitations(farewell)[0])[0]["ATTENDEE"]
    assert str(attendee) == f"mailto:{MINH_READS}"


async def test_a_mail_that_waits_goes_to_the_corrected_address(story: Story) -> None:
    await reads_at(story, NEW)
    await story.told()

    assert said(story.server, MINH_READS) == []
    assert said(story.server, NEW) == [("REQUEST", 2)]


async def test_the_end_that_waits_at_an_old_address_goes_all_the_same(story: Story) -> None:
    await story.told()
    await story.taken_off()
    await reads_at(story, NEW)
    await story.asked()
    await story.told()

    assert [method for method, _number in said(story.server, MINH_READS)] == ["REQUEST", "CANCEL"]
    assert [method for method, _number in said(story.server, NEW)] == ["REQUEST"]
    assert said(story.server, MINH_READS)[-1] < ("CANCEL", said(story.server, NEW)[0][1])


async def test_who_has_no_address_any_more_is_taken_out(story: Story) -> None:
    await story.told()
    await reads_at(story, None)
    await story.told()

    assert said(story.server, MINH_READS) == [("REQUEST", 1), ("CANCEL", 2)]


@pytest.mark.parametrize("answer", ["550", "554", "451"])
async def test_an_end_that_failed_is_told_by_the_next_plan(story: Story, answer: str) -> None:
    await story.told()
    story.server.script = lambda _to, number: answer if number > 1 else "accept"  # type: ignore[return-value]
    await story.taken_off()
    for _ in range(12):
        await story.told(after=timedelta(hours=2, minutes=2))
        await story.told(after=timedelta(seconds=30))
    failed = await story.row()
    story.server.script = lambda _to, _number: "accept"
    async with story.sessions.begin() as db:
        await publish(db, AssignmentsChanged(story.session.id, (), (), (), TEST, story.clock.now))
    async with story.sessions.begin() as db:
        await publish(db, AssignmentsChanged(story.session.id, (), (), (), TEST, story.clock.now))
    await story.told()

    assert (failed.purpose, failed.state) == ("cancellation", "failed")
    assert [method for method, _number in said(story.server, MINH_READS)] == ["REQUEST", "CANCEL"]
    assert await story.ledger() == [
        ("invitation", "sent"),
        ("cancellation", "failed"),
        ("cancellation", "sent"),
    ]


async def test_an_end_that_failed_is_sent_again_to_the_mended_address(story: Story) -> None:
    await story.told()
    story.server.script = lambda to, _number: "550" if to == MINH_READS else "accept"
    await story.cancelled()
    await story.told()
    failed = await story.row()
    await reads_at(story, NEW)
    async with story.sessions.begin() as db:
        number = await resend_mail(db, WARD, failed.id, by=TEST, now=story.clock.now)
    await story.told()

    assert (failed.state, number) == ("failed", 1)
    assert said(story.server, NEW) == [("CANCEL", 5)]
    assert "Lý do: Mưa lớn" in words_of(story.server.mails(NEW)[0])


async def test_who_leaves_the_books_is_taken_out_and_comes_back_with_them(story: Story) -> None:
    lan = await lan_has_a_seat(story)
    await story.told()
    for act in (learners.archive, learners.restore):
        async with story.sessions.begin() as db:
            await act(db, WARD, lan.id, by=TEST, now=story.clock.now)
        await story.told()
    for leaves in (trainers.leave, trainers.come_back):
        async with story.sessions.begin() as db:
            await leaves(db, WARD, story.minh.id, by=TEST, now=story.clock.now)
        await story.told()

    assert said(story.server, LAN_READS) == [("REQUEST", 1), ("CANCEL", 2), ("REQUEST", 4)]
    assert said(story.server, MINH_READS) == [("REQUEST", 1), ("CANCEL", 2), ("REQUEST", 4)]


async def test_who_left_gets_no_invitation_that_was_planned(story: Story) -> None:
    """Whatever took them off the list: it is looked at once more as the mail goes."""
    async with story.sessions.begin() as db:
        await db.execute(update(type(story.minh)).values(left_at=story.clock.now))
    await story.told()

    assert story.server.mails() == []
    assert (await story.row()).state_reason == "not_needed"


async def test_officers_have_the_wards_sessions_as_long_as_they_may_see_them(story: Story) -> None:
    async with story.sessions.begin() as db:
        ha = await add_user(db, (Role.COORDINATOR, WARD))
        await set_subscription(
            db, WARD, subscribed=True, by=actor_for(ha, (Role.COORDINATOR, WARD)), now=story.clock.now
        )
    await story.told()
    async with story.sessions.begin() as db:
        grant = await db.scalar(select(RoleGrant.id).where(RoleGrant.user_id == ha.id))
        assert grant is not None
        await accounts.revoke_role(db, grant, by=TEST, now=story.clock.now)
    await story.told()
    async with story.sessions.begin() as db:
        await accounts.grant_role(db, ha.id, Role.VIEWER, WARD, by=TEST, now=story.clock.now)
    await story.told()
    async with story.sessions.begin() as db:
        await accounts.disable_user(db, ha.id, by=TEST, now=story.clock.now)
    await story.told()

    assert said(story.server, "ha@example.org") == [
        ("REQUEST", 1),
        ("CANCEL", 2),
        ("REQUEST", 4),
        ("CANCEL", 5),
    ]


async def test_who_takes_the_yes_back_gets_the_one_mail_that_takes_it_out(story: Story) -> None:
    lan = await lan_has_a_seat(story)
    await story.told()
    async with story.sessions.begin() as db:
        no = {"invitation": False}
        await consents.answer_consents(db, WARD, lan.id, no, how="spoken", by=TEST, now=story.clock.now)
    await story.told()
    async with story.sessions.begin() as db:
        session = await db.scalar(select(ClassSession).order_by(ClassSession.id.desc()).limit(1))
        assert session is not None
        await publish(db, AssignmentsChanged(session.id, (), (), (), TEST, story.clock.now))
    await story.told()

    assert said(story.server, LAN_READS) == [("REQUEST", 1), ("CANCEL", 2)]


async def test_a_mail_waits_as_long_as_the_class_it_tells_of_is_put_off(story: Story) -> None:
    """No server for days; meanwhile the class has another week."""
    await story.moved(timedelta(days=7))
    await story.told(after=timedelta(days=6))

    assert [event["DTSTART"].dt.day for event in story.heard()] == [3]


async def test_a_mail_has_a_hundred_appointments_at_most(story: Story) -> None:
    async with story.sessions.begin() as db:
        course = await the_course(db)
        many = [
            await add_class(db, course, starts_at=THURSDAY + timedelta(hours=3 * number))
            for number in range(1, 251)
        ]
        await add_reading_helper(db, *many, name="Trần Thị Lành", email="lanh@example.org")
        await announce(db, *many[:60])
        await announce(db, *many[60:])
    await story.told()

    mails = story.server.mails("lanh@example.org")
    assert sorted(len(list(mail.iter_attachments())) for mail in mails) == [50, 100, 100]
    uids = {str(events(each)[0]["UID"]) for mail in mails for each in invitations(mail)}
    assert len(uids) == 250


async def test_a_recipient_that_closes_every_conversation_is_given_up(story: Story) -> None:
    story.server.script = lambda _to, _number: "421"
    for _ in range(12):
        await story.told(after=timedelta(hours=2, minutes=2))

    row = await story.row()
    assert (row.state, row.state_reason, row.attempts, row.error_code) == (
        "failed",
        "given_up",
        12,
        "421 4.7.0",
    )


async def test_what_a_session_and_its_place_are_called_reaches_calendars_and_reminders(story: Story) -> None:
    async with story.sessions.begin() as db:
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        await agree_to_mail(db, lan)
        venue = Venue(ward_id=WARD, name="Nhà văn hóa", name_key="nha van hoa", address="1 Lê Lợi")
        db.add(venue)
        await db.flush()
        room = Room(ward_id=WARD, venue_id=venue.id, name="Phòng A", name_key="phong a", seats=30)
        db.add(room)
        await db.flush()
        when = THURSDAY + timedelta(days=2)
        session = await add_session(db, course=await the_course(db), room=room, starts_at=when)
        await enrol(db, session, lan)
        await announce(db, session)

    async def venue_is(name: str, address: str, neighbourhood_id: int | None = None) -> None:
        async with story.sessions.begin() as db:
            await edit_venue(
                db,
                WARD,
                venue.id,
                name=name,
                address=address,
                landmark="",
                neighbourhood_id=neighbourhood_id,
                by=TEST,
                now=story.clock.now,
            )
        await story.told()

    await story.told()
    await venue_is("Nhà văn hóa", "1 Lê Lợi")  # nothing is different
    await venue_is("Nhà cộng đồng", "3 Lê Lợi")
    async with story.sessions.begin() as db:
        facts = RoomFacts("Phòng B", 30)
        await edit_room(db, WARD, room.id, facts, by=TEST, now=story.clock.now)
    await story.told()
    async with story.sessions.begin() as db:
        await change_session(db, session.id, SessionChange(title="Tên mới"), by=TEST, now=story.clock.now)
    await story.told()

    heard = [
        (event["SEQUENCE"], str(event["SUMMARY"]), str(event["LOCATION"])) for event in story.heard(LAN_READS)
    ]
    old = "Thanh toán không tiền mặt, buổi 1"
    assert heard == [
        (1, old, "Phòng A, Nhà văn hóa, 1 Lê Lợi"),
        (2, old, "Phòng A, Nhà cộng đồng, 3 Lê Lợi"),
        (3, old, "Phòng B, Nhà cộng đồng, 3 Lê Lợi"),
        (4, "Tên mới", "Phòng B, Nhà cộng đồng, 3 Lê Lợi"),
    ]
    assert len(story.server.mails(MINH_READS)) == 1  # another session, elsewhere
    async with story.sessions() as db:
        bodies = await db.scalars(
            select(Message.body_accented).where(
                Message.session_id == session.id, Message.purpose == "reminder_day_before"
            )
        )
        assert [("Nhà cộng đồng" in body, "Nhà văn hóa" in body) for body in bodies] == [(True, False)]


async def test_another_role_reaches_the_calendar_that_shows_it(story: Story) -> None:
    await story.told()
    async with story.sessions.begin() as db:
        await db.execute(update(Assignment).values(role="trainer"))
        changed = (story.minh.id,)
        fact = AssignmentsChanged(story.session.id, (), (), (), TEST, story.clock.now, role_changed=changed)
        await publish(db, fact)
    await story.told()

    assert said(story.server, MINH_READS) == [("REQUEST", 1), ("REQUEST", 2)]
    assert "Việc: dạy chính." in str(story.heard()[-1]["DESCRIPTION"])


async def test_a_visit_to_homes_names_nobody_in_the_mail(story: Story) -> None:
    await story.told()
    async with story.sessions.begin() as db:
        await db.execute(
            update(ClassSession).values(
                kind="home_visit",
                course_id=None,
                title="Nhà bà Lan kiệt 3",
                place="12 kiệt 3 Nguyễn Huệ, gọi 0912 345 678",
            )
        )
    await story.moved()
    await story.told()
    async with story.sessions.begin() as db:
        await db.execute(
            update(ClassSession).values(
                kind="mass_event", title="Ngày hội, hỏi 0912 345 678", place="Chợ, gọi 0912.345.678"
            )
        )
    await story.moved()
    await story.told()

    visit, fair = story.server.mails()[1:]
    for mail in (visit, fair):
        everything = "".join(
            [str(mail["Subject"]), words_of(mail), *(each.to_ical().decode() for each in invitations(mail))]
        ).replace("\r\n ", "")
        assert not [word for word in ("Lan", "kiệt", "0912", "345") if word in everything]
    assert str(visit["Subject"]) == "Đổi lịch: Đến tận nhà, nay là 14h00 thứ Sáu 27/11"
    assert "Địa chỉ từng nhà xem trong Lớp Số." in words_of(visit)
    event = events(invitations(visit)[0])[0]
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("Đến tận nhà", "Phường Phú Xuân")
    assert str(events(invitations(fair)[0])[0]["SUMMARY"]) == "Ngày hội, hỏi …"
