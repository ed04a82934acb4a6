"""Input is checked once where it enters: addresses, queries, cookies, tokens, sizes of bodies."""

import base64
from urllib.parse import quote

import pytest
from litestar import get

from lopso.application.app import LARGEST_REQUEST
from lopso.kernel.access import Role
from lopso.web.guards import PUBLIC
from lopso.web.input_checks import LONGEST_COOKIES, LONGEST_PATH, LONGEST_QUERY
from lopso.web.pages import SeeOther, redirect
from lopso.web.request import MOST_VALUES
from tests.conftest import TestApp
from tests.factories import PASSWORD, add_user, add_ward
from tests.hostile.client import Client, signed_in, visitor

FLASHES = (
    '{"text": "\\ud800", "kind": "ok", "undo_url": null}',
    '{"text": "a\\u0000b", "kind": "ok", "undo_url": null}',
    '{"text": "a", "kind": [], "undo_url": null}',
    '{"text": "a", "kind": "ok", "undo_url": 1}',
    '{"text": "a", "kind": "ok", "undo_url": ["/a"]}',
    '{"text": "a", "kind": "ok", "undo_url": "//evil.example"}',
    '{"text": "a", "kind": "ok", "undo_url": "/\\t/evil.example"}',
    '{"text": 1e999, "kind": "ok", "undo_url": null}',
    '{"text": "' + "x" * 501 + '", "kind": "ok", "undo_url": null}',
    "[" * 2500,
    "null",
)


async def _officer(app: TestApp) -> Client:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db)
    return await signed_in(app.app, "ha@example.org")


@pytest.mark.parametrize(
    "path",
    [
        b"/static/%00",
        b"/static/a%00.css",
        b"/static/" + b"x" * 300,
        b"/static/" + b"a/" * (LONGEST_PATH // 2),
        b"/%C2%85",
        b"/lich/%FF",
        b"/kiem-tra/%00",
    ],
)
async def test_unreadable_address_is_not_found(app: TestApp, path: bytes) -> None:
    answer = await (await visitor(app.app)).ask("GET", path)

    assert answer.status == 404
    assert answer.faults() == []


async def test_number_beyond_any_id_in_an_address_is_not_found(app: TestApp) -> None:
    officer = await _officer(app)
    for number in (str(2**63), "9" * 150, "0"):
        assert (await officer.ask("GET", f"/viec-cua-toi/{number}/ban".encode())).status == 404, number


async def test_decomposed_letters_in_an_address_are_composed(app: TestApp) -> None:
    composed, decomposed = (quote(text).encode() for text in ("é", "e\u0301"))
    client = await visitor(app.app)
    answers = [await client.ask("GET", b"/kiem-tra/" + each) for each in (composed, decomposed)]

    assert answers[0].status == answers[1].status
    assert answers[0].body == answers[1].body.replace(b"e%CC%81", b"%C3%A9")


async def test_query_longer_than_any_page_sends_is_refused(app: TestApp) -> None:
    client = await visitor(app.app)
    assert (await client.ask("GET", b"/dang-nhap", query=b"x" * LONGEST_QUERY)).status == 200
    answer = await client.ask("GET", b"/dang-nhap", query=b"x" * (LONGEST_QUERY + 1))

    assert answer.status == 414
    assert "quá dài" in answer.body.decode()


@pytest.mark.parametrize(
    "query", [b"tiep=\xff\xfe", b"tiep=%ff", b"tiep=\x00", b"tiep=%00", b"%", b"tiep=%E1%BA%A0"]
)
async def test_query_that_is_no_text_counts_as_not_given(app: TestApp, query: bytes) -> None:
    officer = await _officer(app)
    answer = await officer.ask("GET", b"/dang-nhap", query=query)

    assert (answer.status, answer.header(b"location")) == (303, "/")


@pytest.mark.parametrize("flash", FLASHES)
async def test_crafted_flash_cookie_shows_nothing(app: TestApp, flash: str) -> None:
    client = await visitor(app.app)
    without = await client.ask("GET", b"/dang-nhap")
    client.cookies["flash"] = base64.urlsafe_b64encode(flash.encode()).decode()
    answer = await client.ask("GET", b"/dang-nhap")

    assert (answer.status, answer.body) == (200, without.body)


async def test_flash_cookie_of_ours_is_shown(app: TestApp) -> None:
    client = await visitor(app.app)
    flash = '{"text": "Đã lưu.", "kind": "ok", "undo_url": "/buoi/1/hoan-tac?luc=1"}'
    client.cookies["flash"] = base64.urlsafe_b64encode(flash.encode()).decode()

    assert "Đã lưu." in (await client.ask("GET", b"/dang-nhap")).body.decode()


async def test_long_sentence_is_shortened_and_keeps_its_undo(app: TestApp) -> None:
    @get("/dai", opt=PUBLIC)
    async def long() -> SeeOther:
        return redirect("/dang-nhap", flash="Chưa xác nhận được " * 60, undo_url="/buoi/1/hoan-tac")

    app.app.register(long)
    async with app.client() as client:
        await client.get("/dai")
        body = (await client.get("/dang-nhap")).text

    assert "Chưa xác nhận được Chưa xác nhận được" in body
    assert " …</span>" in body
    assert 'action="/buoi/1/hoan-tac"' in body


@pytest.mark.parametrize("name", ["csrf", "lang", "lopso", "flash"])
@pytest.mark.parametrize("value", [b"\xff\xfe" * 60, b"%00", b"x" * 5000, "ệ".encode() * 60, b'"\\000"', b""])
async def test_hostile_cookie_counts_as_none(app: TestApp, name: str, value: bytes) -> None:
    client = await visitor(app.app)
    headers = [(b"cookie", name.encode() + b"=" + value)]

    assert (await client.ask("GET", b"/dang-nhap", headers=headers)).status == 200
    assert (await client.ask("POST", b"/dang-nhap", headers=headers)).status == 403 or name != "csrf"


async def test_cookies_longer_than_any_of_ours_are_refused(app: TestApp) -> None:
    client = await visitor(app.app)
    answer = await client.ask("GET", b"/dang-nhap", headers=[(b"cookie", b"a" * (LONGEST_COOKIES + 1))])

    assert answer.status == 431
    assert "cookie" in answer.body.decode()


async def test_csrf_token_that_is_no_ascii_is_a_wrong_one(app: TestApp) -> None:
    client = await visitor(app.app)
    token = "ệ" * 128
    in_header = await client.ask("POST", b"/dang-nhap", headers=[(b"x-csrftoken", token.encode())])
    in_form = await client.ask(
        "POST", b"/dang-nhap", headers=[(b"x-csrftoken", b"")], body=b"_csrf_token=" + quote(token).encode()
    )

    assert (in_header.status, in_form.status) == (403, 403)


@pytest.mark.parametrize("text", ["1e999", "a\0b", "9" * 5000, "\x1b[2J", "\u202eabc", "x" * 100_000])
async def test_log_in_refuses_unreadable_identifier_at_its_field(app: TestApp, text: str) -> None:
    client = await visitor(app.app)
    body = f"identifier={quote(text)}&password={quote(text)}".encode()
    answer = await client.ask("POST", b"/dang-nhap", body=body)

    assert answer.status in (401, 422)
    assert answer.faults() == []


async def test_log_in_goes_on_to_a_page_of_ours_only(app: TestApp) -> None:
    await _officer(app)
    client = await visitor(app.app)
    for target in ("/%09/evil.example", "/\t/evil.example", "/lịch", "/\x01", "//evil.example", "/\r\nx: y"):
        body = f"identifier=ha@example.org&password={quote(PASSWORD)}&tiep={quote(target)}".encode()
        answer = await client.ask("POST", b"/dang-nhap", body=body)
        assert (answer.status, answer.header(b"location")) == (303, "/"), target
        assert answer.faults() == []


async def test_form_of_more_values_than_any_page_sends_is_refused(app: TestApp) -> None:
    client = await visitor(app.app)
    answer = await client.ask("POST", b"/dang-nhap", body=b"a=1&" * (MOST_VALUES + 1))

    assert answer.status == 422
    assert "quá nhiều mục" in answer.body.decode()


async def test_body_larger_than_any_form_is_refused(app: TestApp) -> None:
    client = await visitor(app.app)
    answer = await client.ask("POST", b"/dang-nhap", body=b"a=" + b"x" * LARGEST_REQUEST)

    assert answer.status == 413


@pytest.mark.parametrize(
    "part",
    [
        b'Content-Disposition: form-data; name="identifier"\r\nContent-Type: a/b; charset=klingon\r\n\r\nx',
        b'Content-Disposition: form-data; name="identifier"\r\n\r\n\xff\xfe',
        b'Content-Disposition: form-data; name="identifier"; filename="\x00../x"\r\n\r\nx',
        b'Content-Disposition: form-data; name="_csrf_token"; filename="x"\r\n\r\nx',
        b"Content-Disposition: form-data\r\n\r\nx",
        b"",
    ],
)
async def test_part_in_no_known_encoding_is_refused(app: TestApp, part: bytes) -> None:
    client = await visitor(app.app)
    kind = (b"content-type", b"multipart/form-data; boundary=b")
    body = b"--b\r\n" + part + b"\r\n--b--\r\n"
    for headers in ([kind], [kind, (b"x-csrftoken", b"")]):
        answer = await client.ask("POST", b"/dang-nhap", body=body, headers=headers)
        assert answer.status in (400, 403, 422)


async def test_unknown_ward_in_an_address_is_not_found_for_the_city(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.CITY_ADMIN, None))
    admin = await signed_in(app.app, "ha@example.org")
    for path in (b"/dia-diem/00000", b"/nguoi-hoc/00000/moi", b"/lich/%E1%BA%A0", b"/tin-nhan/19753x"):
        assert (await admin.ask("GET", path)).status == 404, path
