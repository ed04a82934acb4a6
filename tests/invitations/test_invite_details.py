"""What a calendar says of a session follows it: title, place, role; and names nobody at a home visit."""

from datetime import timedelta

from sqlalchemy import select, update

from lopso.kernel.events import publish
from notifications.models import Message
from scheduling.events import AssignmentsChanged
from scheduling.models import Assignment, ClassSession
from scheduling.rules.plan import SessionChange
from scheduling.service.changes import change_session
from tests.classroom import WARD, add_learner, enrol
from tests.factories import TEST, add_session
from tests.invitations.mail_factories import (
    LAN_EMAIL,
    MINH_EMAIL,
    agree_to_mail,
)
from tests.invitations.mail_scenario import MailScenario, scenario, scenario_course
from tests.invitations.mail_server import events, invitations, said, words_of
from tests.notifications.scenario import LAN, THURSDAY, announce
from venues.models import Room, Venue
from venues.service import RoomFacts, edit_room, edit_venue

__all__ = ["scenario"]


async def test_new_titles_and_places_reach_calendars_and_reminders(scenario: MailScenario) -> None:
    async with scenario.sessions.begin() as db:
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        await agree_to_mail(db, lan)
        venue = Venue(ward_id=WARD, name="Nhà văn hóa", name_key="nha van hoa", address="1 Lê Lợi")
        db.add(venue)
        await db.flush()
        room = Room(ward_id=WARD, venue_id=venue.id, name="Phòng A", name_key="phong a", seats=30)
        db.add(room)
        await db.flush()
        when = THURSDAY + timedelta(days=2)
        session = await add_session(db, course=await scenario_course(db), room=room, starts_at=when)
        await enrol(db, session, lan)
        await announce(db, session)

    async def venue_is(name: str, address: str, neighbourhood_id: int | None = None) -> None:
        async with scenario.sessions.begin() as db:
            await edit_venue(
                db,
                WARD,
                venue.id,
                name=name,
                address=address,
                landmark="",
                neighbourhood_id=neighbourhood_id,
                by=TEST,
                now=scenario.clock.now,
            )
        await scenario.deliver()

    await scenario.deliver()
    await venue_is("Nhà văn hóa", "1 Lê Lợi")  # nothing is different
    await venue_is("Nhà cộng đồng", "3 Lê Lợi")
    async with scenario.sessions.begin() as db:
        facts = RoomFacts("Phòng B", 30)
        await edit_room(db, WARD, room.id, facts, by=TEST, now=scenario.clock.now)
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        await change_session(db, session.id, SessionChange(title="Tên mới"), by=TEST, now=scenario.clock.now)
    await scenario.deliver()

    sent = [
        (event["SEQUENCE"], str(event["SUMMARY"]), str(event["LOCATION"]))
        for event in scenario.sent_events(LAN_EMAIL)
    ]
    old = "Thanh toán không tiền mặt, buổi 1"
    assert sent == [
        (1, old, "Phòng A, Nhà văn hóa, 1 Lê Lợi"),
        (2, old, "Phòng A, Nhà cộng đồng, 3 Lê Lợi"),
        (3, old, "Phòng B, Nhà cộng đồng, 3 Lê Lợi"),
        (4, "Tên mới", "Phòng B, Nhà cộng đồng, 3 Lê Lợi"),
    ]
    assert len(scenario.server.mails(MINH_EMAIL)) == 1  # another session, elsewhere
    async with scenario.sessions() as db:
        bodies = await db.scalars(
            select(Message.body_accented).where(
                Message.session_id == session.id, Message.purpose == "reminder_day_before"
            )
        )
        assert [("Nhà cộng đồng" in body, "Nhà văn hóa" in body) for body in bodies] == [(True, False)]


async def test_changed_role_updates_the_calendar(scenario: MailScenario) -> None:
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        await db.execute(update(Assignment).values(role="trainer"))
        changed = ((scenario.session.id, (scenario.minh.id,)),)
        fact = AssignmentsChanged(role_changed=changed, by=TEST, at=scenario.clock.now)
        await publish(db, fact)
    await scenario.deliver()

    assert said(scenario.server, MINH_EMAIL) == [("REQUEST", 1), ("REQUEST", 2)]
    assert "Việc: dạy chính." in str(scenario.sent_events()[-1]["DESCRIPTION"])


async def test_mail_about_home_visit_names_nobody(scenario: MailScenario) -> None:
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        await db.execute(
            update(ClassSession).values(
                kind="home_visit",
                course_id=None,
                title="Nhà bà Lan kiệt 3",
                place="12 kiệt 3 Nguyễn Huệ, gọi 0912 345 678",
            )
        )
    await scenario.move_session()
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        await db.execute(
            update(ClassSession).values(
                kind="mass_event", title="Ngày hội, hỏi 0912 345 678", place="Chợ, gọi 0912.345.678"
            )
        )
    await scenario.move_session()
    await scenario.deliver()

    visit, fair = scenario.server.mails()[1:]
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
