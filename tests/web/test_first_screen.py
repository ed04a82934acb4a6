"""A browser without the stylesheets finds the rules of the page in the page; others only link to them."""

import base64
import gzip
import hashlib
import re

import pytest

from lopso.application.templates import built_stylesheets
from lopso.kernel.paths import shipped
from lopso.web.first_screen import PageStyles, Stylesheet
from tests.conftest import TestApp

BUILT = shipped("static") / "built"
SHEET_FILE = next(BUILT.glob("other-*.css"))
SHEET = (
    "@layer base,pages;@layer base{html{margin:0}a:hover,table{color:red}}"
    "@layer pages{.card,.badge.ok{border:0}@media(min-width:9rem){.card>b{order:1}}.off{order:2}}"
    '.js .card{order:3}.card:not(.off){background:url("data:{;}")}.badge:is(.a,.b){order:4}'
    "@media print{.card{order:5}}@page{margin:1cm}@page lying{margin:2cm}"
)


def rules_of(css: str, body: str) -> str:
    return PageStyles([], {"other.css": Stylesheet(css, "X")}).rules(body)


def test_rules_of_a_page_are_those_of_its_elements_and_classes() -> None:
    assert rules_of(SHEET, '<a class="card wide"><b>…</b></a>') == (
        "@layer base,pages;@layer base{html{margin:0}}"
        "@layer pages{.card{border:0}@media(min-width:9rem){.card>b{order:1}}}"
        '.js .card{order:3}.card:not(.off){background:url("data:{;}")}'
    )
    assert rules_of(SHEET, '<p class="badge">') == (
        "@layer base,pages;@layer base{html{margin:0}}.badge:is(.a,.b){order:4}"
    )


def test_rules_for_an_id_or_for_what_is_inside_are_for_pages_that_have_it() -> None:
    css = "#rest b{order:1}body:has(.bar) p{order:2}p:not(:has(.bar)){order:3}p:has(a,b){order:4}"
    assert rules_of(css, "<body><p><b>") == "p:not(:has(.bar)){order:3}p:has(a,b){order:4}"
    assert rules_of(css, '<body><p id="rest" class="bar"><b>') == css


def test_custom_properties_that_nothing_uses_are_left_out() -> None:
    css = ':root{--a: var(--b);--b: url("a;b");--c: 1px}.card--c:focus{order:var(--a)}'
    assert rules_of(css, '<html><p class="card--c">') == css.replace(";--c: 1px", ";")


@pytest.mark.parametrize("name", list(built_stylesheets()))
def test_all_names_give_the_whole_stylesheet_but_print(name: str) -> None:
    css = next(BUILT.glob(f"{name.removesuffix('.css')}-*.css")).read_text(encoding="utf-8")
    names = {*re.findall(r"[.#][a-zA-Z_][\w-]*", css), *re.findall(r"[a-z]\w*", css), ":hover"}
    whole = built_stylesheets()[name].for_names(names)
    printed = re.findall(r"@media print\{(?:[^{}]*\{[^{}]*\})*\}|@page[^{}]*\{(?:[^{}]|\{[^{}]*\})*\}", css)
    assert len(css) - len(whole) == pytest.approx(sum(map(len, printed)), abs=40)


async def test_first_page_has_its_rules_allowed_by_their_hash(app: TestApp) -> None:
    async with app.client() as client:
        answer = await client.get("/dang-nhap")
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"style-src 'self' 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert 'rel="stylesheet"' not in answer.text.partition("<body")[0]
    assert f"-{built_stylesheets()['other.css'].version}.css" in answer.text.partition("</main>")[2]
    assert "Cookie" in answer.headers["vary"]


async def test_stylesheet_sets_its_cookie_and_later_pages_only_link_to_it(app: TestApp) -> None:
    async with app.client() as client:
        first = await client.get("/dang-nhap")
        [address] = re.findall(r'<link rel="stylesheet" href="([^"]+)">', first.text)
        sheet = await client.get(address)
        version = address.rpartition("-")[2].removesuffix(".css")
        assert list(sheet.cookies.items()) == [("look-other", version)]
        second = await client.get("/dang-nhap")
        assert "<style>" not in second.text
        assert f'<link rel="stylesheet" href="{address}">' in second.text.partition("<body")[0]
        assert "style-src" not in second.headers["content-security-policy"]
        client.cookies.set("look-other", "OLDER")
        third = (await client.get("/dang-nhap")).text
    assert "<style>" in third
    assert address in third.partition("<body")[2]


async def test_other_pages_fetch_the_rules_of_the_week_ahead(app: TestApp) -> None:
    """The week comes next after the log-in, and is the way back from most pages."""
    async with app.client() as client:
        first = await client.get("/dang-nhap")
        [address] = re.findall(r'<link rel="prefetch" href="([^"]+)" as="style">', first.text)
        await client.get(address)
        second = await client.get("/dang-nhap")

    assert f"calendar-{built_stylesheets()['calendar.css'].version}.css" in address
    assert 'rel="prefetch"' not in second.text


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None)],
)
async def test_built_files_are_sent_as_compressed_at_the_build(
    app: TestApp, accepted: str, encoding: str | None
) -> None:
    path = f"/static/built/{SHEET_FILE.name}"
    async with app.client() as client:
        request = client.build_request("GET", path, headers={"accept-encoding": accepted})
        answer = await client.send(request, stream=True)
        sent = b"".join([part async for part in answer.aiter_raw()])
        head = await client.head(path, headers={"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["cache-control"] == "max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (head.status_code, head.content) == (200, b"")
    if encoding is not None:
        assert answer.headers["vary"] == "Accept-Encoding"
        assert int(answer.headers["content-length"]) == len(sent) < 15_000
    if encoding == "gzip":
        assert gzip.decompress(sent) == SHEET_FILE.read_bytes()
    if encoding is None:
        assert sent == SHEET_FILE.read_bytes()
