"""What a mail brings is taken by a real calendar server, and what it takes back is gone."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import icalendar
import pytest

from invitations.queries.feeds import entry_for
from invitations.rules.feeds import FeedOwner
from invitations.service.calendar_text import session_calendar
from scheduling.service.sessions import cancel_session
from tests.classroom import WARD
from tests.factories import TEST
from tests.invitations.calendar_server import calendar_server_running
from tests.invitations.mail_factories import ask
from tests.invitations.mail_scenario import MailScenario, scenario, scenario_course
from tests.invitations.mail_server import events, invitations
from tests.notifications.scenario import THURSDAY, add_class, announce

__all__ = ["scenario"]

CALENDAR = "/minh/lich/"


class Phone:
    """A calendar program as Minh's phone has it: it does what an invitation says, on a CalDAV server.

    METHOD is for mails alone: RFC 4791 (4.1) forbids it in what is stored, so a program takes it out; a
    CANCEL it answers by removing the appointment. What is older than what it has it drops (RFC 5546, 2.1.5):
    a lower SEQUENCE, or the same with an earlier DTSTAMP.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def read(self, invitation: Any) -> int:
        """Do as it says; the status of the server's answer, 0 when there was nothing to do."""
        [event] = events(invitation)
        place = f"{CALENDAR}{str(event['UID']).replace('@', '-')}.ics"
        method = str(invitation.pop("METHOD"))
        held = await self._client.get(place)
        if held.status_code == 200:
            [known] = events(icalendar.Calendar.from_ical(held.text, multiple=False))
            if _age(known) > _age(event):
                return 0
        if method == "CANCEL":
            # Accepted as an object, too, before it goes.
            kept = await self._client.put(place, content=invitation.to_ical(), headers=ICS)
            assert kept.status_code in (201, 204)
            return (await self._client.delete(place)).status_code
        return (await self._client.put(place, content=invitation.to_ical(), headers=ICS)).status_code

    async def shows(self) -> list[tuple[int, int]]:
        """Day and SEQUENCE of every appointment in the calendar."""
        answer = await self._client.request(
            "REPORT",
            CALENDAR,
            content='<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>'
            '<c:calendar-data/></d:prop><c:filter><c:comp-filter name="VCALENDAR"/></c:filter>'
            "</c:calendar-query>",
            headers={"depth": "1", "content-type": "application/xml"},
        )
        assert answer.status_code == 207
        whole = await self._client.get(CALENDAR)
        found = events(icalendar.Calendar.from_ical(whole.text, multiple=False)) if whole.text else []
        assert answer.text.count("BEGIN:VEVENT") == len(found)
        return [(event["DTSTART"].dt.day, event["SEQUENCE"]) for event in found]


def _age(event: Any) -> tuple[int, datetime]:
    return event["SEQUENCE"], event["DTSTAMP"].dt


ICS = {"content-type": "text/calendar; charset=utf-8"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "calendars"


async def test_calendar_server_accepts_every_invitation_in_order(
    scenario: MailScenario, folder: Path
) -> None:
    with calendar_server_running(folder) as address:
        async with httpx.AsyncClient(base_url=address, auth=("minh", "x")) as client:
            made = await client.request("MKCALENDAR", CALENDAR, headers={"content-type": "application/xml"})
            assert made.status_code == 201
            phone = Phone(client)
            seen: list[tuple[int, list[tuple[int, int]]]] = []

            async def next_mail() -> None:
                await scenario.deliver()
                answer = await phone.read(invitations(scenario.server.mails()[-1])[0])
                seen.append((answer, await phone.shows()))

            await next_mail()
            await scenario.move_session()
            await next_mail()
            await scenario.withdraw_helper()
            await next_mail()
            await scenario.offer_again()
            await next_mail()
            # A mail that was held up somewhere comes last and changes nothing.
            late = await phone.read(invitations(scenario.server.mails()[0])[0])
            seen.append((late, await phone.shows()))
            await scenario.cancel()
            await next_mail()

    assert seen == [
        (201, [(26, 1)]),
        (204, [(27, 2)]),
        (200, []),
        (201, [(27, 5)]),
        (0, [(27, 5)]),
        (200, []),
    ]


async def test_session_file_is_updated_and_removed_by_later_mails(
    scenario: MailScenario, folder: Path
) -> None:
    """ "Thêm vào lịch" and a private feed tell of the same appointment: no mail comes after them in vain."""
    owner = FeedOwner("trainer", scenario.minh.id, WARD)
    with calendar_server_running(folder) as address:
        async with httpx.AsyncClient(base_url=address, auth=("minh", "x")) as client:
            await client.request("MKCALENDAR", CALENDAR, headers={"content-type": "application/xml"})
            phone = Phone(client)
            seen: list[tuple[str, int, list[tuple[int, int]]]] = []

            async def mail() -> None:
                await scenario.deliver()
                answer = await phone.read(invitations(scenario.server.mails()[-1])[0])
                seen.append(("mail", answer, await phone.shows()))

            async def by_hand() -> None:
                scenario.clock.forward(timedelta(minutes=1))
                async with scenario.sessions() as db:
                    entry = await entry_for(db, scenario.session.id, owner)
                assert entry is not None
                text = session_calendar(owner, entry, now=scenario.clock.now, base_url="https://x")
                answer = await phone.read(icalendar.Calendar.from_ical(text, multiple=False))
                seen.append(("hand", answer, await phone.shows()))

            await mail()
            await by_hand()
            await scenario.move_session()
            await mail()
            await by_hand()
            await scenario.withdraw_helper()
            await by_hand()  # before the mail about it goes
            await mail()
            await scenario.offer_again()
            await by_hand()
            await mail()
            await by_hand()
            await scenario.cancel()
            await mail()

    assert seen == [
        ("mail", 201, [(26, 1)]),
        ("hand", 204, [(26, 1)]),
        ("mail", 204, [(27, 2)]),
        ("hand", 204, [(27, 2)]),
        ("hand", 204, [(27, 4)]),  # as cancelled
        ("mail", 0, [(27, 4)]),
        ("hand", 204, [(27, 5)]),
        ("mail", 0, [(27, 5)]),  # the same, made a moment earlier
        ("hand", 204, [(27, 5)]),
        ("mail", 200, []),
    ]


async def test_session_changed_as_draft_is_cancelled_with_higher_sequence(scenario: MailScenario) -> None:
    """Its version was not 1 when people first heard of it."""
    async with scenario.sessions.begin() as db:
        draft = await add_class(db, await scenario_course(db), starts_at=THURSDAY + timedelta(days=7))
        draft.published_at = None
        draft.version = 5
        await ask(db, draft, scenario.minh)
        draft.published_at = scenario.clock.now
        await announce(db, draft)
    owner = FeedOwner("trainer", scenario.minh.id, WARD)
    await scenario.deliver()
    async with scenario.sessions() as db:
        entry = await entry_for(db, draft.id, owner)
    async with scenario.sessions.begin() as db:
        await cancel_session(db, draft.id, reason="Mưa lớn", by=TEST, now=scenario.clock.now)
    async with scenario.sessions() as db:
        gone = await entry_for(db, draft.id, owner)
    await scenario.deliver()

    sent = {
        event["SEQUENCE"]
        for mail in scenario.server.mails()
        for calendar in invitations(mail)
        for event in events(calendar)
        if str(event["UID"]).startswith(f"buoi-{draft.id}.")
    }
    assert entry is not None
    assert gone is not None
    assert (sorted(sent), entry.sequence, gone.sequence) == ([5, 7], 5, 8)
