"""A browser without the stylesheet finds the rules of the page in the page; everybody else loads one file."""

import base64
import gzip
import hashlib
import re

import pytest

from lopso.application.templates import built_stylesheet
from lopso.kernel.paths import shipped
from lopso.web.first_screen import Stylesheet
from tests.conftest import TestApp

SHEET_FILE = next((shipped("static") / "built").glob("app-*.css"))
SHEET = (
    "@layer base,pages;@layer base{html{margin:0}a:hover,table{color:red}}"
    "@layer pages{.card,.badge.ok{border:0}@media(min-width:9rem){.card>b{order:1}}.off{order:2}}"
    '.js .card{order:3}.card:not(.off){background:url("data:{;}")}.badge:is(.a,.b){order:4}'
    "@media print{.card{order:5}}@page{margin:1cm}@page lying{margin:2cm}"
)


def test_rules_of_a_page_are_those_of_its_elements_and_classes() -> None:
    rules = Stylesheet(SHEET, "X").for_page('<a class="card wide"><b>…</b></a>')
    assert rules == (
        "@layer base,pages;@layer base{html{margin:0}a:hover{color:red}}"
        "@layer pages{.card{border:0}@media(min-width:9rem){.card>b{order:1}}}"
        '.js .card{order:3}.card:not(.off){background:url("data:{;}")}'
    )
    assert Stylesheet(SHEET, "X").for_page('<p class="badge">') == (
        "@layer base,pages;@layer base{html{margin:0}}.badge:is(.a,.b){order:4}"
    )


def test_all_names_give_the_whole_stylesheet_but_print() -> None:
    css = SHEET_FILE.read_text(encoding="utf-8")
    names = " ".join(re.findall(r"\.([a-zA-Z_][\w-]*)", css))
    tags = "".join(f"<{tag}>" for tag in set(re.findall(r"[a-z]\w*", css)))
    whole = built_stylesheet().for_page(f'<p class="{names}">{tags}')
    printed = re.findall(r"@media print\{(?:[^{}]*\{[^{}]*\})*\}|@page[^{}]*\{[^{}]*\}", css)
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
    assert f"-{built_stylesheet().version}.css" in answer.text.partition("</main>")[2]
    assert "Cookie" in answer.headers["vary"]


async def test_stylesheet_sets_the_cookie_and_later_pages_only_link_to_it(app: TestApp) -> None:
    async with app.client() as client:
        first = await client.get("/dang-nhap")
        [address] = re.findall(r'<link rel="stylesheet" href="([^"]+)">', first.text)
        sheet = await client.get(address)
        assert sheet.cookies["look"] == built_stylesheet().version
        second = await client.get("/dang-nhap")
        assert "<style>" not in second.text
        assert f'<link rel="stylesheet" href="{address}">' in second.text.partition("<body")[0]
        assert "style-src" not in second.headers["content-security-policy"]
        client.cookies.set("look", "OLDER")
        assert "<style>" in (await client.get("/dang-nhap")).text


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
