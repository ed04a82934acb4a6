"""Certificates: a snapshot on paper that anybody can check, and that can be declared void."""

import io
import re
from dataclasses import replace
from typing import Any, cast

import pytest
import segno
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.certificate_text import certificate_text, check_url, render_pdf
from competency.errors import NothingToCertify
from competency.models import Certificate
from competency.rules import grouped, new_serial, read_serial
from competency.service.certificates import issue_certificate, revoke_certificate
from competency.service.sign_off_revocations import revoke_sign_off
from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.qr import qr_svg
from tests.classroom import WARD, add_classroom
from tests.competency.evidence import came_and_showed, certified, signed
from tests.conftest import TestApp
from tests.factories import NOON, TEST
from wordings.service.shipped import load_wordings

SITE = "https://lop-so.example.vn"


async def test_certificate_is_a_snapshot_of_its_issue(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    certificate = await certified(db, room, anh, skills=(0, 2))
    anh.full_name = "Trần Thị Ánh"
    room.skills[0].name_vi = "Tên mới"
    await db.flush()
    await db.refresh(certificate)

    assert {key: certificate.snapshot[key] for key in ("name", "title", "ward", "issued_on", "issuer")} == {
        "name": "Trần Thị Ngọc Ánh",
        "title": "Bà",
        "ward": "Phường Phú Xuân",
        "issued_on": "2026-11-23",
        "issuer": "Lê Thị Thu Hà",
    }
    assert [
        (each["code"], each["name"], each["level"], each["shown_on"], each["signed_on"], each["signer"])
        for each in certificate.snapshot["skills"]
    ] == [
        ("K1", "Quét mã QR", "alone", "2026-11-23", "2026-11-23", "Hoàng Thị Lành"),
        ("K3", "Nhận ra tin giả", "alone", "2026-11-23", "2026-11-23", "Hoàng Thị Lành"),
    ]
    assert [each["complete"] for each in certificate.snapshot["editions"]] == [False]
    audited = await db.scalar(select(AuditEntry).where(AuditEntry.action == "certificate.issued"))
    assert audited is not None
    assert (audited.ward_id, audited.subject_id) == (WARD, str(certificate.id))


async def test_only_standing_sign_offs_of_the_learner_are_certified(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, _gai = room.learners
    for learner in (anh, binh):
        await came_and_showed(db, room, learner)
    (hers,) = await signed(db, room, anh)
    (his,) = await signed(db, room, binh)

    with pytest.raises(NothingToCertify):
        await issue_certificate(db, WARD, anh.id, [his.id], by=room.as_coordinator, now=NOON)
    with pytest.raises(NotFound):
        await issue_certificate(db, "20233", anh.id, [hers.id], by=room.as_coordinator, now=NOON)
    await revoke_sign_off(db, WARD, hers.id, reason="Nhầm", by=room.as_assessor, now=NOON)
    with pytest.raises(NothingToCertify):
        await issue_certificate(db, WARD, anh.id, [hers.id], by=room.as_coordinator, now=NOON)


async def test_revoking_a_certificate_needs_kind_and_reason(db: AsyncSession) -> None:
    room = await add_classroom(db)
    certificate = await certified(db, room, room.learners[0])

    async def revoke(ward_id: str, kind: str, reason: str) -> None:
        await revoke_certificate(
            db, ward_id, certificate.id, kind=kind, reason=reason, by=room.as_coordinator, now=NOON
        )

    with pytest.raises(InvalidInput) as refusal:
        await revoke(WARD, "because", " ")
    assert set(refusal.value.fields) == {"kind", "reason"}
    with pytest.raises(NotFound):
        await revoke("20233", "mistake", "Sai tên")
    await revoke(WARD, "mistake", "Sai tên")
    await revoke(WARD, "other", "lần nữa")
    assert (certificate.revoke_kind, certificate.revoke_reason) == ("mistake", "Sai tên")


async def test_pdf_has_every_word_on_one_page(db: AsyncSession) -> None:
    room = await add_classroom(db, ["Công Tằng Tôn Nữ Thị Ngọc Phương Thảo Nguyên Hồng Ưỡn Ẩn"])
    certificate = await certified(db, room, room.learners[0], skills=(0, 1, 2))
    paper = certificate_text(certificate, SITE)

    reader = PdfReader(io.BytesIO(render_pdf(paper, check_url(SITE, certificate.serial))))

    (page,) = reader.pages
    assert [round(float(side)) for side in page.mediabox[2:]] == [842, 595]  # A4 landscape, in points
    text = without_spaces(page.extract_text())  # letters set apart are read as words
    for words in (
        "CHỨNG NHẬN KỸ NĂNG SỐ",
        "Bà Công Tằng Tôn Nữ Thị Ngọc Phương Thảo Nguyên Hồng Ưỡn Ẩn",
        "Phường Phú Xuân, thành phố Huế",
        "Quét mã QR tự làm được",
        "Hoàng Thị Lành xác nhận ngày 23/11/2026",
        "Khung kỹ năng: bản nháp",
        "lop-so.example.vn/kiem-tra",
        grouped(certificate.serial),
        "Huế, ngày 23 tháng 11 năm 2026",
        "không thay cho xác nhận phổ cập kỹ năng số trên VNeID",
    ):
        assert without_spaces(words) in text, words
    resources = cast("Any", page["/Resources"])
    fonts = {str(font["/BaseFont"]) for font in resources["/Font"].values()}
    assert all("BeVietnamPro" in font for font in fonts)


def without_spaces(text: str) -> str:
    return "".join(text.split())


async def test_many_skills_and_hostile_names_fit_one_page(db: AsyncSession) -> None:
    room = await add_classroom(db)
    paper = certificate_text(await certified(db, room, room.learners[0]), SITE)
    line = replace(paper.skills[0], name="Đánh giá dữ liệu, thông tin và nội dung trên môi trường Internet")
    hostile = '#panic("x") *đậm* $x$ \\ "'
    crowded = replace(paper, name=hostile, skills=(line,) * 40)

    reader = PdfReader(io.BytesIO(render_pdf(crowded, SITE)))

    (page,) = reader.pages
    text = " ".join(page.extract_text().split())
    assert '#panic("x") *đậm* $x$ \\ "' in text
    assert text.count("môi trường Internet") == 40


def test_qr_code_has_the_public_address() -> None:
    url = check_url(SITE, "7K3QF9XW2BMT04HZ")
    assert url == "https://lop-so.example.vn/kiem-tra/7K3Q-F9XW-2BMT-04HZ"
    drawn = qr_svg(url)
    assert dark_modules(drawn) == dark_modules(segno.make_qr(url, error="q").svg_inline(border=2))
    assert dark_modules(drawn) != dark_modules(qr_svg(url.replace("7K3Q", "7K3R")))


def dark_modules(svg: str) -> str:
    """The path that draws the dark squares."""
    paths = re.findall(r'd="([^"]+)"', svg)
    return max(paths, key=len)


def test_serial_is_random_and_read_in_any_grouping() -> None:
    serials = {new_serial() for _each in range(1000)}
    assert len(serials) == 1000
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{16}", serial) for serial in serials)
    assert [
        read_serial(typed)
        for typed in (
            "7K3Q-F9XW-2BMT-04HZ",
            "  7k3q f9xw 2bmt o4hz ",
            "7K3QF9XW2BMT04HZ",
            "7k3q.f9xw–2bmt_04hz",
            "iK3Q-F9XW-2BMT-04Hl",
            "7K3Q-F9XW-2BMT-04H",
            "7K3Q-F9XW-2BMT-04HZ0",
            "7K3U-F9XW-2BMT-04HZ",
            "",
            "' OR 1=1 --",
            "7" * 100_000,
        )
    ] == [
        *["7K3QF9XW2BMT04HZ"] * 4,
        "1K3QF9XW2BMT04H1",
        *[None] * 6,
    ]


async def test_public_check_shows_no_more_than_the_paper(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        room = await add_classroom(db)
        room.learners[0].phone, room.learners[0].phone_kind = "+84912345678", "mobile"
        certificate = await certified(db, room, room.learners[0])
    serial = grouped(certificate.serial)
    async with app.client() as client:
        typed = await client.get("/kiem-tra", params={"so": serial.lower().replace("-", " ")})
        valid = await client.get(f"/kiem-tra/{serial}")
        unknown = await client.get("/kiem-tra/0000-0000-0000-0000")
        nonsense = await client.get("/kiem-tra/xin-chao")
        async with app.sessions.begin() as db:
            await revoke_certificate(
                db,
                WARD,
                certificate.id,
                kind="signed_wrongly",
                reason="Cô Lành ký nhầm",
                by=room.as_coordinator,
                now=NOON,
            )
        revoked = await client.get(f"/kiem-tra/{serial}")

    assert (typed.status_code, typed.headers["location"]) == (303, f"/kiem-tra/{serial}")
    assert "Chứng nhận có hiệu lực" in valid.text
    assert "Bà Trần Thị Ngọc Ánh" in valid.text
    assert "Quét mã QR" in valid.text
    assert "bản nháp" in valid.text
    for secret in ("912345678", "1956", "Lành", "Phước", "Thu Hà"):
        assert secret not in valid.text
    assert (unknown.status_code, "Không tìm thấy chứng nhận" in unknown.text) == (404, True)
    assert (nonsense.status_code, "16 chữ và số" in nonsense.text) == (422, True)
    assert "Chứng nhận đã thu hồi" in revoked.text
    assert "Thu hồi ngày 23/11/2026. Lý do: có kỹ năng đã thu hồi xác nhận." in revoked.text
    assert "ký nhầm" not in revoked.text


async def test_certificate_is_issued_printed_and_revoked_on_pages(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        anh = room.learners[0]
        await came_and_showed(db, room, anh, skills=(0, 1))
        done = await signed(db, room, anh, skills=(0, 1))
    up = f"/nguoi-hoc/{WARD}/{anh.id}"
    async with app.client_as("ha@example.org") as client:
        form = await client.get(f"{up}/chung-nhan")
        nothing = await client.post(f"{up}/chung-nhan")
        issued = await client.post(f"{up}/chung-nhan", data={"sign_off": [str(done[0].id)]})
        here = issued.headers["location"]
        page = await client.get(here)
        pdf = await client.get(f"{here}.pdf")
        unsaid = await client.post(f"{here}/thu-hoi", data={"kind": "mistake", "reason": ""})
        revoked = await client.post(f"{here}/thu-hoi", data={"kind": "mistake", "reason": "Sai tên"})
        again = await client.get(f"{here}.pdf")

    assert form.text.count('name="sign_off"') == 2
    assert (nothing.status_code, "Xin chọn ít nhất một kỹ năng" in nothing.text) == (422, True)
    assert "Quét mã QR" in page.text
    assert "Chuyển tiền thử" not in page.text
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["content-disposition"].startswith('inline; filename="chung-nhan-')
    assert (unsaid.status_code, "Xin ghi lý do thu hồi." in unsaid.text) == (422, True)
    assert revoked.status_code == 303
    assert again.status_code == 409
    async with app.sessions() as db:
        assert (await db.scalars(select(Certificate.revoke_reason))).all() == ["Sai tên"]
