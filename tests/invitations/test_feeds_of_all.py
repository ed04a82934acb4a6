"""Feeds of wards, venues, learners and helpers: what they say, what they never say, what reading costs."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, insert, select, text, update

from invitations.queries.feeds import feed
from invitations.rules.feeds import FeedOwner
from scheduling.models import Assignment, ClassSession
from scheduling.service.sessions import cancel_session
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    add_session,
)
from tests.invitations.feed_town import (
    PAGE,
    PRIVATE,
    WARD,
    Counted,
    events,
    learners_feed,
    made_at,
    name,
    read,
    told,
    town,
)
from venues.models import Room, Venue


async def test_a_wards_feed_holds_what_is_published_there(app: TestApp) -> None:
    t = await town(app)
    found = await read(app, await made_at(app, PAGE))

    assert name(found) == "Lớp Số: Phường Phú Xuân"
    assert told(found) == ["Thanh toán; mã QR, ví", "Dùng VNeID, hỏi …", "Đến tận nhà"]
    first = events(found)[f"buoi-{t.in_room}.can-bo-{t.user}@lopso"]
    assert str(first["URL"]) == f"http://127.0.0.1/buoi/{t.in_room}"
    assert str(first["DESCRIPTION"]) == "Ngày hội."
    visit = events(found)[f"buoi-{t.visit}.can-bo-{t.user}@lopso"]
    assert str(visit["LOCATION"]) == "Phường Phú Xuân"
    assert str(visit["DESCRIPTION"]) == "Đến tận nhà.\nĐịa chỉ từng nhà xem trong Lớp Số."


async def test_a_venues_feed_holds_its_rooms_and_no_other(app: TestApp) -> None:
    t = await town(app)
    found = await read(app, await made_at(app, f"{PAGE}/{t.venue}"))

    assert name(found) == "Lớp Số: Nhà văn hóa Hội trường"
    assert told(found) == ["Thanh toán; mã QR, ví"]


async def test_a_learners_feed_holds_the_sessions_with_a_seat(app: TestApp) -> None:
    t = await town(app)
    found = await read(app, await learners_feed(app, t.learner))

    assert name(found) == "Lớp Số: lịch học"
    assert told(found) == ["Thanh toán; mã QR, ví", "Đến tận nhà", "Của phường khác"]
    first = events(found)[f"buoi-{t.in_room}.hoc-{t.learner}@lopso"]
    assert str(first["DESCRIPTION"]) == "Có gì thay đổi, gọi 0234 3823 456."
    assert "URL" not in first


async def test_no_feed_names_a_learner_or_a_number(app: TestApp) -> None:
    t = await town(app)
    paths = [
        await made_at(app, PAGE),
        await made_at(app, f"{PAGE}/{t.venue}"),
        await made_at(app, "/viec-cua-toi/lich-rieng", email="an@example.org"),
        await learners_feed(app, t.learner),
    ]
    async with app.client_as("ha@example.org") as client:
        paths += [f"/buoi/{session}/lich.ics" for session in (t.in_room, t.elsewhere, t.visit)]
        texts = [(await client.get(path)).content.replace(b"\r\n ", b"").decode() for path in paths]
    assert all("BEGIN:VEVENT" in text for text in texts)
    said = dict(zip(paths, texts, strict=True))
    assert [(path, word) for path in paths for word in PRIVATE if word in said[path]] == []


async def test_a_move_and_a_cancellation_reach_every_feed(app: TestApp) -> None:
    t = await town(app)
    paths = [
        await made_at(app, PAGE),
        await made_at(app, f"{PAGE}/{t.venue}"),
        await learners_feed(app, t.learner),
    ]

    async def now_said() -> list[tuple[int, str, str, str]]:
        found: list[tuple[int, str, str, str]] = []
        for path in paths:
            one = next(iter(events(await read(app, path)).values()))
            start = one["DTSTART"].dt.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
            found.append((int(one["SEQUENCE"]), str(one["STATUS"]), str(one["SUMMARY"]), f"{start:%H:%M}"))
        return found

    assert await now_said() == [(1, "CONFIRMED", "Thanh toán; mã QR, ví", "14:00")] * 3
    async with app.sessions.begin() as db:
        session = await db.get_one(ClassSession, t.in_room)
        session.starts_at += timedelta(minutes=30)
        session.version += 1
    assert await now_said() == [(2, "CONFIRMED", "Thanh toán; mã QR, ví", "14:30")] * 3
    async with app.sessions.begin() as db:
        await cancel_session(db, t.in_room, reason="Mưa lớn", by=TEST, now=NOON)
    assert await now_said() == [(3, "CANCELLED", "Đã hủy: Thanh toán; mã QR, ví", "14:30")] * 3


async def test_reading_costs_a_fixed_number_of_statements(app: TestApp) -> None:
    t = await town(app)
    paths = [
        await made_at(app, PAGE),
        await made_at(app, f"{PAGE}/{t.venue}"),
        await made_at(app, "/viec-cua-toi/lich-rieng", email="an@example.org"),
        await learners_feed(app, t.learner),
    ]
    async with app.client() as client:
        await client.get("/dang-nhap")  # the frame around pages is read once
        for path in paths:
            with Counted(app) as first:
                answer = await client.get(path)
            with Counted(app) as again:
                await client.get(path)
            with Counted(app) as unchanged:
                same = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
            assert same.status_code == 304
            assert (first.number, again.number, unchanged.number) == (3, 2, 1)


async def test_who_is_signed_in_reads_the_same(app: TestApp) -> None:
    """The request's transaction has begun when the feed is read: a person had to be recognised."""
    await town(app)
    path = await made_at(app, PAGE)
    async with app.client() as program, app.client_as("ha@example.org") as browser:
        theirs, hers = await program.get(path), await browser.get(path)
        unchanged = await browser.get(path, headers={"if-none-match": theirs.headers["etag"]})
    assert (hers.status_code, hers.content) == (200, theirs.content)
    assert unchanged.status_code == 304


async def test_an_unchanged_feed_opens_no_transaction(app: TestApp) -> None:
    await town(app)
    path = await made_at(app, PAGE)
    seen: list[bool] = []

    def note(connection: Any, *_rest: Any) -> None:
        seen.append(connection.connection.dbapi_connection.autocommit)

    engine = app.sessions.kw["bind"].sync_engine
    async with app.client() as client:
        answer = await client.get(path)
        event.listen(engine, "before_cursor_execute", note)
        await client.get(path, headers={"if-none-match": answer.headers["etag"]})
        await client.get("/hv/khong-co")
        event.remove(engine, "before_cursor_execute", note)
    assert seen == [True, False]  # and the connection comes back as it was


async def test_head_says_what_get_would_without_the_text(app: TestApp) -> None:
    await town(app)
    path = await made_at(app, PAGE)
    async with app.client() as client:
        whole, head = await client.get(path), await client.head(path)
        unchanged = await client.head(path, headers={"if-none-match": whole.headers["etag"]})
    assert (head.status_code, head.content, unchanged.status_code) == (200, b"", 304)
    for header in ("etag", "last-modified", "content-type", "cache-control"):
        assert head.headers[header] == whole.headers[header]
    assert int(head.headers["content-length"]) == len(whole.content)


@pytest.mark.parametrize("model", [Room, Venue])
async def test_another_name_of_the_place_is_a_change(app: TestApp, model: type[Room | Venue]) -> None:
    await town(app)
    path = await made_at(app, PAGE)
    async with app.client() as client:
        tag = (await client.get(path)).headers["etag"]
        async with app.sessions.begin() as db:
            await db.execute(update(model).values(name="Nhà mới"))
        answer = await client.get(path, headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert "Nhà mới" in answer.text


async def test_one_session_is_taken_over_under_the_identity_it_has_in_the_feed(app: TestApp) -> None:
    t = await town(app)
    path = f"/buoi/{t.in_room}/lich.ics"
    feeds = {
        "ha@example.org": await read(app, await made_at(app, PAGE)),
        "an@example.org": await read(
            app, await made_at(app, "/viec-cua-toi/lich-rieng", email="an@example.org")
        ),
    }
    for email, whole in feeds.items():
        async with app.client_as(email) as client:
            answer = await client.get(path)
            assert "lich.ics" in (await client.get(f"/buoi/{t.in_room}")).text
        assert answer.headers["content-type"].startswith("text/calendar")
        assert answer.content.startswith(b"BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\n")
        assert b"X-WR-CALNAME" not in answer.content  # goes into one's own calendar, not into a new one
        [(uid, one)] = events(answer.content).items()
        there = events(whole)[uid]
        for part in ("SUMMARY", "LOCATION", "DESCRIPTION", "DTSTART", "DTEND", "SEQUENCE", "STATUS"):
            assert one[part] == there[part], part


async def test_a_duty_without_an_answer_is_taken_over_as_mails_write_it(app: TestApp) -> None:
    """Nothing would follow that turns the copy's "waiting for an answer" into "accepted"."""
    t = await town(app)
    async with app.sessions.begin() as db:
        await db.execute(
            update(Assignment)
            .where(Assignment.session_id == t.in_room)
            .values(state="offered", answered_at=None)
        )
    async with app.client_as("an@example.org") as client:
        [one] = events((await client.get(f"/buoi/{t.in_room}/lich.ics")).content).values()
    whole = await read(app, await made_at(app, "/viec-cua-toi/lich-rieng", email="an@example.org"))

    assert one["STATUS"] == "CONFIRMED"
    assert "Chờ trả lời" not in one["SUMMARY"]
    assert events(whole)[one["UID"]]["STATUS"] == "TENTATIVE"  # a feed follows


async def test_a_draft_cannot_be_taken_over(app: TestApp) -> None:
    await town(app)
    async with app.sessions() as db:
        draft = await db.scalar(select(ClassSession.id).where(ClassSession.published_at.is_(None)))
    async with app.client_as("ha@example.org") as client:
        page = await client.get(f"/buoi/{draft}")
        answer = await client.get(f"/buoi/{draft}/lich.ics")
    assert "lich.ics" not in page.text
    assert answer.status_code == 404


async def test_a_thousand_sessions_come_in_order_within_a_second(app: TestApp) -> None:
    await town(app)
    path = await made_at(app, PAGE)
    async with app.sessions.begin() as db:
        rows = [
            {
                "ward_id": WARD,
                "kind": "mass_event",
                "title": f"Ngày hội số {n}",
                "place": "Công viên",
                "starts_at": NOON + timedelta(hours=8 * n - 24),
                "ends_at": NOON + timedelta(hours=8 * n - 22),
                "original_start": NOON + timedelta(hours=8 * n - 24),
                "capacity": 50,
                "need_trainers": 1,
                "need_helpers": 2,
                "created_at": NOON,
                "published_at": NOON,
            }
            for n in range(1000)
        ]
        await db.execute(insert(ClassSession), rows)
    found = events(await read(app, path))
    starts = [event["DTSTART"].dt for event in found.values()]
    assert len(found) == 1003
    assert starts == sorted(starts)
    assert all(event["DTSTART"].params["TZID"] == "Asia/Ho_Chi_Minh" for event in found.values())
    assert {str(start.utcoffset()) for start in starts} == {"7:00:00"}  # no summer time


async def test_the_past_and_the_far_future_are_left_out(app: TestApp) -> None:
    await town(app)
    path = await made_at(app, PAGE)
    async with app.sessions.begin() as db:
        for days in (-91, -89, 399, 401):
            await add_session(db, title=f"{days} ngày", starts_at=NOON + timedelta(days=days))
    assert [title for title in told(await read(app, path)) if title.endswith("ngày")] == [
        "-89 ngày",
        "399 ngày",
    ]


async def test_every_lookup_goes_through_an_index(app: TestApp) -> None:
    t = await town(app)
    secret = urlsplit(await made_at(app, PAGE)).path.removeprefix("/lich-rieng/").removesuffix(".ics")
    said: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        said.append((statement, parameters))

    engine = app.sessions.kw["bind"].sync_engine
    async with app.sessions() as db:
        event.listen(engine, "before_cursor_execute", keep)
        for owner in (
            FeedOwner("trainer", t.helper, WARD),
            FeedOwner("learner", t.learner, WARD),
            FeedOwner("ward", WARD, WARD, t.user),
            FeedOwner("venue", t.venue, WARD, t.user),
        ):
            await feed(db, owner, now=NOON)
        event.remove(engine, "before_cursor_execute", keep)
        async with app.client() as client:
            event.listen(engine, "before_cursor_execute", keep)
            await client.get(f"/lich-rieng/{secret}.ics")
            event.remove(engine, "before_cursor_execute", keep)
        # Tables of a test are too small for an index to pay: forbid the other way and see what is left.
        await db.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, parameters in said:
            if not statement.lstrip().startswith("SELECT"):
                continue
            connection = await db.connection()
            plan = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            assert "Seq Scan" not in "\n".join(row[0] for row in plan), statement
