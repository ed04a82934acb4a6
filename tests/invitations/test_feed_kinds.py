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
from tests.invitations.feed_scenario import (
    PAGE,
    PRIVATE,
    WARD,
    add_feed_scenario,
    calendar_name,
    create_feed_at,
    create_learner_feed,
    events,
    read_feed,
    summaries,
)
from tests.statements import statements_of
from venues.models import Room, Venue


async def test_ward_feed_shows_published_sessions(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    found = await read_feed(app, await create_feed_at(app, PAGE))

    assert calendar_name(found) == "Lớp Số: Phường Phú Xuân"
    assert summaries(found) == ["Thanh toán; mã QR, ví", "Dùng VNeID, hỏi …", "Đến tận nhà"]
    first = events(found)[f"buoi-{t.in_room}.can-bo-{t.user}@lopso"]
    assert str(first["URL"]) == f"http://127.0.0.1/buoi/{t.in_room}"
    assert str(first["DESCRIPTION"]) == "Ngày hội."
    visit = events(found)[f"buoi-{t.visit}.can-bo-{t.user}@lopso"]
    assert str(visit["LOCATION"]) == "Phường Phú Xuân"
    assert str(visit["DESCRIPTION"]) == "Đến tận nhà.\nĐịa chỉ từng nhà xem trong Lớp Số."


async def test_venue_feed_shows_only_sessions_in_its_rooms(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    found = await read_feed(app, await create_feed_at(app, f"{PAGE}/{t.venue}"))

    assert calendar_name(found) == "Lớp Số: Nhà văn hóa Hội trường"
    assert summaries(found) == ["Thanh toán; mã QR, ví"]


async def test_learner_feed_shows_sessions_with_a_seat(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    found = await read_feed(app, await create_learner_feed(app, t.learner))

    assert calendar_name(found) == "Lớp Số: lịch học"
    assert summaries(found) == ["Thanh toán; mã QR, ví", "Đến tận nhà", "Của phường khác"]
    first = events(found)[f"buoi-{t.in_room}.hoc-{t.learner}@lopso"]
    assert str(first["DESCRIPTION"]) == "Có gì thay đổi, gọi 0234 3823 456."
    assert "URL" not in first


async def test_feeds_name_no_learner_and_no_phone_number(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    paths = [
        await create_feed_at(app, PAGE),
        await create_feed_at(app, f"{PAGE}/{t.venue}"),
        await create_feed_at(app, "/viec-cua-toi/lich-rieng", email="an@example.org"),
        await create_learner_feed(app, t.learner),
    ]
    async with app.client_as("ha@example.org") as client:
        paths += [f"/buoi/{session}/lich.ics" for session in (t.in_room, t.elsewhere, t.visit)]
        texts = [(await client.get(path)).content.replace(b"\r\n ", b"").decode() for path in paths]
    assert all("BEGIN:VEVENT" in text for text in texts)
    said = dict(zip(paths, texts, strict=True))
    assert [(path, word) for path in paths for word in PRIVATE if word in said[path]] == []


async def test_move_and_cancellation_appear_in_every_feed(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    paths = [
        await create_feed_at(app, PAGE),
        await create_feed_at(app, f"{PAGE}/{t.venue}"),
        await create_learner_feed(app, t.learner),
    ]

    async def now_said() -> list[tuple[int, str, str, str]]:
        found: list[tuple[int, str, str, str]] = []
        for path in paths:
            one = next(iter(events(await read_feed(app, path)).values()))
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


async def test_reading_a_feed_takes_a_fixed_number_of_statements(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    paths = [
        await create_feed_at(app, PAGE),
        await create_feed_at(app, f"{PAGE}/{t.venue}"),
        await create_feed_at(app, "/viec-cua-toi/lich-rieng", email="an@example.org"),
        await create_learner_feed(app, t.learner),
    ]
    async with app.client() as client:
        await client.get("/dang-nhap")  # the frame around pages is read once
        for path in paths:
            with statements_of(app.sessions.kw["bind"]) as first:
                answer = await client.get(path)
            with statements_of(app.sessions.kw["bind"]) as again:
                await client.get(path)
            with statements_of(app.sessions.kw["bind"]) as unchanged:
                same = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
            assert same.status_code == 304
            assert (len(first), len(again), len(unchanged)) == (3, 2, 1)


async def test_signed_in_user_reads_the_same_feed(app: TestApp) -> None:
    """The request's transaction has begun when the feed is read: a person had to be recognised."""
    await add_feed_scenario(app)
    path = await create_feed_at(app, PAGE)
    async with app.client() as program, app.client_as("ha@example.org") as browser:
        theirs, hers = await program.get(path), await browser.get(path)
        unchanged = await browser.get(path, headers={"if-none-match": theirs.headers["etag"]})
    assert (hers.status_code, hers.content) == (200, theirs.content)
    assert unchanged.status_code == 304


async def test_unchanged_feed_opens_no_transaction(app: TestApp) -> None:
    await add_feed_scenario(app)
    path = await create_feed_at(app, PAGE)
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


async def test_head_of_feed_has_headers_of_get(app: TestApp) -> None:
    await add_feed_scenario(app)
    path = await create_feed_at(app, PAGE)
    async with app.client() as client:
        whole, head = await client.get(path), await client.head(path)
        unchanged = await client.head(path, headers={"if-none-match": whole.headers["etag"]})
    assert (head.status_code, head.content, unchanged.status_code) == (200, b"", 304)
    for header in ("etag", "last-modified", "content-type", "cache-control", "content-length"):
        assert head.headers[header] == whole.headers[header]


@pytest.mark.parametrize("model", [Room, Venue])
async def test_renamed_place_changes_the_feed(app: TestApp, model: type[Room | Venue]) -> None:
    await add_feed_scenario(app)
    path = await create_feed_at(app, PAGE)
    async with app.client() as client:
        tag = (await client.get(path)).headers["etag"]
        async with app.sessions.begin() as db:
            await db.execute(update(model).values(name="Nhà mới"))
        answer = await client.get(path, headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert "Nhà mới" in answer.text


async def test_session_file_has_the_uid_of_the_feed(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    path = f"/buoi/{t.in_room}/lich.ics"
    feeds = {
        "ha@example.org": await read_feed(app, await create_feed_at(app, PAGE)),
        "an@example.org": await read_feed(
            app, await create_feed_at(app, "/viec-cua-toi/lich-rieng", email="an@example.org")
        ),
    }
    for email, whole in feeds.items():
        async with app.client_as(email) as client:
            answer = await client.get(path)
            assert "lich.ics" in (await client.get(f"/buoi/{t.in_room}")).text
        assert answer.headers["content-type"].startswith("text/calendar")
        assert answer.content.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
        for content in (answer.content, whole):  # RFC 5546: METHOD wants an ORGANIZER, and these have none
            assert (b"METHOD" in content, b"ORGANIZER" in content) == (False, False)
        assert b"X-WR-CALNAME" not in answer.content  # goes into one's own calendar, not into a new one
        [(uid, one)] = events(answer.content).items()
        there = events(whole)[uid]
        for part in ("SUMMARY", "LOCATION", "DESCRIPTION", "DTSTART", "DTEND", "SEQUENCE", "STATUS"):
            assert one[part] == there[part], part


async def test_session_file_of_unanswered_offer_is_confirmed(app: TestApp) -> None:
    """Nothing would follow that turns the copy's "waiting for an answer" into "accepted"."""
    t = await add_feed_scenario(app)
    async with app.sessions.begin() as db:
        await db.execute(
            update(Assignment)
            .where(Assignment.session_id == t.in_room)
            .values(state="offered", answered_at=None)
        )
    async with app.client_as("an@example.org") as client:
        [one] = events((await client.get(f"/buoi/{t.in_room}/lich.ics")).content).values()
    whole = await read_feed(
        app, await create_feed_at(app, "/viec-cua-toi/lich-rieng", email="an@example.org")
    )

    assert one["STATUS"] == "CONFIRMED"
    assert "Chờ trả lời" not in one["SUMMARY"]
    assert events(whole)[one["UID"]]["STATUS"] == "TENTATIVE"  # a feed follows


async def test_draft_has_no_session_file(app: TestApp) -> None:
    await add_feed_scenario(app)
    async with app.sessions() as db:
        draft = await db.scalar(select(ClassSession.id).where(ClassSession.published_at.is_(None)))
    async with app.client_as("ha@example.org") as client:
        page = await client.get(f"/buoi/{draft}")
        answer = await client.get(f"/buoi/{draft}/lich.ics")
    assert "lich.ics" not in page.text
    assert answer.status_code == 404


async def test_feed_of_a_thousand_sessions_is_in_order(app: TestApp) -> None:
    await add_feed_scenario(app)
    path = await create_feed_at(app, PAGE)
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
    found = events(await read_feed(app, path))
    starts = [event["DTSTART"].dt for event in found.values()]
    assert len(found) == 1003
    assert starts == sorted(starts)
    assert all(event["DTSTART"].params["TZID"] == "Asia/Ho_Chi_Minh" for event in found.values())
    assert {str(start.utcoffset()) for start in starts} == {"7:00:00"}  # no summer time


async def test_feed_leaves_out_far_past_and_future(app: TestApp) -> None:
    await add_feed_scenario(app)
    path = await create_feed_at(app, PAGE)
    async with app.sessions.begin() as db:
        for days in (-91, -89, 399, 401):
            await add_session(db, title=f"{days} ngày", starts_at=NOON + timedelta(days=days))
    assert [title for title in summaries(await read_feed(app, path)) if title.endswith("ngày")] == [
        "-89 ngày",
        "399 ngày",
    ]


async def test_every_feed_statement_uses_an_index(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    secret = urlsplit(await create_feed_at(app, PAGE)).path.removeprefix("/lich-rieng/").removesuffix(".ics")
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
