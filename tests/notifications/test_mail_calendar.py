"""What a mail brings is taken by a real calendar server, and what it takes back is gone."""

from pathlib import Path
from typing import Any

import httpx
import icalendar
import pytest

from tests.notifications.calendar_server import calendar_server_running
from tests.notifications.mail_server import events, invitations
from tests.notifications.mail_story import Story, story

__all__ = ["story"]

CALENDAR = "/minh/lich/"


class Phone:
    """A calendar program as Minh's phone has it: it does what an invitation says, on a CalDAV server.

    METHOD is for mails alone: RFC 4791 (4.1) forbids it in what is stored, so a program takes it out; a
    CANCEL it answers by removing the appointment, if it is no older than what it has (RFC 5546, 3.2.5).
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
            if known["SEQUENCE"] > event["SEQUENCE"]:
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


ICS = {"content-type": "text/calendar; charset=utf-8"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "calendars"


async def test_a_calendar_server_takes_each_and_shows_what_holds(story: Story, folder: Path) -> None:
    with calendar_server_running(folder) as address:
        async with httpx.AsyncClient(base_url=address, auth=("minh", "x")) as client:
            made = await client.request("MKCALENDAR", CALENDAR, headers={"content-type": "application/xml"})
            assert made.status_code == 201
            phone = Phone(client)
            seen: list[tuple[int, list[tuple[int, int]]]] = []

            async def next_mail() -> None:
                await story.told()
                answer = await phone.read(invitations(story.server.mails()[-1])[0])
                seen.append((answer, await phone.shows()))

            await next_mail()
            await story.moved()
            await next_mail()
            await story.taken_off()
            await next_mail()
            await story.asked()
            await next_mail()
            # A mail that was held up somewhere comes last and changes nothing.
            late = await phone.read(invitations(story.server.mails()[0])[0])
            seen.append((late, await phone.shows()))
            await story.cancelled()
            await next_mail()

    assert seen == [
        (201, [(26, 0)]),
        (204, [(27, 1)]),
        (200, []),
        (201, [(27, 3)]),
        (0, [(27, 3)]),
        (200, []),
    ]
