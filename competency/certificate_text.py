"""The text of a certificate from its snapshot, its QR code, its PDF."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import typst

from competency.labels import level_labels
from competency.models import Certificate
from competency.rules import grouped
from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.paths import shipped
from lopso.kernel.qr import qr_svg

_LAYOUT = Path(__file__).with_name("certificate.typ")


@dataclass(frozen=True, slots=True)
class SkillLine:
    """A skill as printed."""

    code: str
    name: str
    level: str
    signed_on: str
    signed: str


@dataclass(frozen=True, slots=True)
class CertificateText:
    """Every text on a certificate; the page and the PDF show the same.

    Attributes:
        draft: "" when the edition of the framework is complete.
        check_at: the public address of the check, without scheme.
    """

    title: str
    organisation: str
    draft: str
    given_to: str
    name: str
    ward: str
    statement: str
    skills: tuple[SkillLine, ...]
    signers: str
    check_words: str
    check_at: str
    serial_words: str
    serial: str
    issued: str
    issuer_words: str
    issuer: str
    small_print: str


def check_url(public_url: str, serial: str) -> str:
    """Public address of the check of a serial; the content of the QR code."""
    return f"{public_url}/kiem-tra/{grouped(serial)}"


def certificate_text(certificate: Certificate, public_url: str) -> CertificateText:
    """The texts of `certificate` in the language of the request; names and dates from its snapshot."""
    kept: Mapping[str, Any] = certificate.snapshot
    editions = kept["editions"]
    draft = any(not edition["complete"] for edition in editions)
    return CertificateText(
        title=_("Chứng nhận kỹ năng số"),
        organisation=_("Lớp học kỹ năng số cộng đồng · %(ward)s · Thành phố Huế", ward=kept["ward"]),
        draft=_("Khung kỹ năng: bản nháp") if draft else "",
        given_to=_("Ghi nhận"),
        name=" ".join(part for part in (kept["title"], kept["name"]) if part),
        ward=_("%(ward)s, thành phố Huế", ward=kept["ward"]),
        statement=_("đã thực hành trước người hướng dẫn và được người thứ hai xác nhận các kỹ năng"),
        skills=tuple(_skill_line(each) for each in kept["skills"]),
        signers=_(
            "Người xác nhận: %(names)s",
            names=", ".join(_signers(kept["skills"])),
        ),
        check_words=_("Kiểm tra chứng nhận này tại"),
        check_at=f"{public_url.partition('://')[2]}/kiem-tra",
        serial_words=_("Số:"),
        serial=grouped(certificate.serial),
        issued=_(
            "Huế, ngày %(d)s tháng %(m)s năm %(y)s",
            **formatting.date_parts(date.fromisoformat(kept["issued_on"])),
        ),
        issuer_words=_("Người cấp"),
        issuer=kept["issuer"],
        small_print=_small_print(editions),
    )


def _skill_line(skill: Mapping[str, Any]) -> SkillLine:
    day = _day(skill["signed_on"])
    return SkillLine(
        code=skill["code"],
        name=skill["name"],
        level=level_labels()[skill["level"]].lower(),
        signed_on=day,
        signed=_("%(signer)s xác nhận ngày %(day)s", day=day, signer=skill["signer"]),
    )


def _small_print(editions: Sequence[Mapping[str, Any]]) -> str:
    return " ".join(
        (
            _("Theo: %(editions)s.", editions="; ".join(_edition(each) for each in editions)),
            _(
                "Giấy này ghi lại kỹ năng đã thực hành tại lớp học cộng đồng; không thay cho xác nhận "
                "phổ cập kỹ năng số trên VNeID hoặc của Ủy ban nhân dân cấp xã."
            ),
        )
    )


def _edition(edition: Mapping[str, Any]) -> str:
    words = [edition["title"]]
    if edition["number"]:
        words.append(_("số %(number)s", number=edition["number"]))
    words.append(_("phiên bản %(version)s", version=edition["version"]))
    if not edition["complete"]:
        words.append(_("bản nháp"))
    return ", ".join(words)


def _day(iso: str) -> str:
    return formatting.full_date(date.fromisoformat(iso))


def certificate_pdf(certificate: Certificate, public_url: str) -> bytes:
    """The certificate as PDF. Blocks for about 0.1 s: call it in a thread."""
    return render_pdf(certificate_text(certificate, public_url), check_url(public_url, certificate.serial))


def render_pdf(paper: CertificateText, url: str) -> bytes:
    """`paper` as PDF with the QR of `url`. Blocks."""
    data = {**asdict(paper), "qr": qr_svg(url)}
    return typst.compile(
        _LAYOUT.read_bytes(), font_paths=_fonts(), sys_inputs={"data": json.dumps(data)}, format="pdf"
    )


@cache
def _fonts() -> typst.Fonts:
    """Only the shipped font, so that a certificate looks the same on every machine."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(shipped("static") / "built" / "fonts")],
    )


def _signers(skills: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Names of the signers, each person once; older certificates know them only by name."""
    return {skill.get("signer_id", skill["signer"]): skill["signer"] for skill in skills}.values()
