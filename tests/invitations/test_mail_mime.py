"""The MIME message of a mail: its languages, and that no typed name becomes part of its headers."""

import email
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st

from invitations.delivery.content import Appointment, MailContent
from invitations.delivery.mime import compose
from tests.factories import NOON
from tests.invitations.mail_factories import mail_sender
from tests.invitations.mail_server import events, invitations
from tests.notifications.scenario import THURSDAY

ANY = st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1, max_size=120)
HEADERS = [
    "Content-Type",
    "MIME-Version",
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
]


def mail_content(
    name: str = "Lê Văn Minh", title: str = "Thanh toán QR, buổi 3", ward: str = "Phường Phú Xuân"
) -> MailContent:
    appointment = Appointment(
        1,
        "buoi-7.nguoi-3@lopso",
        0,
        NOON,
        7,
        1,
        "ward_class",
        title,
        THURSDAY,
        THURSDAY + timedelta(hours=2),
        "Nhà văn hóa TDP 5",
        "helper",
        False,
        "",
    )
    return MailContent(
        "invitation", "trainer", name, "anh", "vi", "minh@example.org", ward, None, [appointment]
    )


def written(chosen: MailContent) -> tuple[bytes, EmailMessage]:
    raw = compose(chosen, mail_sender(), message_id="<1@hue.example.vn>", now=NOON)
    read = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return raw, read


@given(name=ANY, title=ANY, ward=ANY)
def test_no_typed_name_becomes_header_syntax(name: str, title: str, ward: str) -> None:
    raw, read = written(mail_content(name, title, ward))

    assert read.keys() == HEADERS
    assert read.defects == []
    assert [str(each.addr_spec) for each in read["To"].addresses] == ["minh@example.org"]
    assert [str(each.addr_spec) for each in read["Reply-To"].addresses] == ["vanphong@hue.example.vn"]
    head = raw.split(b"\r\n\r\n", 1)[0]
    assert head.isascii()
    assert max(len(line) for line in head.split(b"\r\n")) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert {str(events(each)[0]["ATTENDEE"]) for each in invitations(read)} == {"mailto:minh@example.org"}


@given(name=st.text(alphabet="aăâđếữớỵÔĐ ,;:\"'<>()@.", min_size=1, max_size=90).map(str.strip).filter(bool))
def test_names_in_headers_decode_unchanged(name: str) -> None:
    raw, _read = written(mail_content(name=name, title=name))

    # Decoded as RFC 2047 says; the newer parser of this Python puts spaces between the parts of a long name.
    head = email.message_from_bytes(raw)
    shown = " ".join(name.split())
    assert str(make_header(decode_header(head["To"]))) == f"{shown} <minh@example.org>"
    assert str(make_header(decode_header(head["Subject"]))).startswith(f"Mời hỗ trợ: {shown}, 14h00")


def test_line_break_in_a_name_starts_no_header() -> None:
    raw, read = written(mail_content(name="Minh\r\nBcc: all@example.org", title="Lớp\r\n\r\nXin chuyển tiền"))

    assert read["Bcc"] is None
    assert b"\r\nBcc" not in raw
    assert read["Subject"] == "Mời hỗ trợ: Lớp Xin chuyển tiền, 14h00 thứ Năm 26/11"


def test_mail_is_in_the_recipients_language() -> None:
    _raw, read = written(replace(mail_content(), language="en"))

    assert read["Content-Language"] == "en"
