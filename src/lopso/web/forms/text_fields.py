"""Fields of words: texts, passwords, names, phones, e-mail addresses, addresses of our own pages."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from lopso.kernel import parsing
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.kernel.mail_address import LONGEST as LONGEST_ADDRESS
from lopso.kernel.mail_address import read_address
from lopso.kernel.person_names import TidyName, name_fault, tidy_name
from lopso.kernel.phone import PhoneReading, display, read_phone
from lopso.kernel.private_numbers import without_private_numbers
from lopso.web.forms.field_type import Context, FieldType, Mistake
from lopso.web.local_address import local_path

_NO_SUCH_NUMBERS = N_(
    "Đã bỏ %(n)s số giấy tờ, tài khoản hoặc thẻ: hệ thống không giữ những số này."
    " Xin xem lại rồi bấm lưu lần nữa."
)


class Text(FieldType[str]):
    """Words: one line with single spaces, or several (`lines`)."""

    def __init__(self, longest: int = 200, *, lines: bool = False, required: str | None = None) -> None:
        super().__init__(longest, required=required)
        self.several_lines = lines

    def read(self, text: str, context: Context) -> str:
        return text


class FreeText(Text):
    """Words of one's own about somebody or something: a note, a reason.

    Numbers of papers and accounts are not kept (`lopso.kernel.private_numbers`): the field shows the text
    without them, so that sending once more agrees to it.
    """

    def read(self, text: str, context: Context) -> str:
        clean = without_private_numbers(text)
        if clean.count:
            raise Mistake(_(_NO_SUCH_NUMBERS, n=clean.count), clean.text[: self.longest])
        return text


class Secret(FieldType[str]):
    """A password: exactly as typed, never shown again."""

    shown_again = False

    def cleaned(self, text: str) -> str:
        if len(text) > self.longest or "\0" in text:
            raise Mistake(_("Ghi ngắn lại, nhiều nhất %(n)s chữ.", n=self.longest))
        return text

    def read(self, text: str, context: Context) -> str:
        return text


class PersonName(FieldType[TidyName]):
    """A person's full name; a form of address before it ("Bà") comes apart from it."""

    required = N_("Xin ghi họ tên.")
    wrong: ClassVar[str] = N_("Họ tên chỉ gồm chữ, không quá %(n)s chữ cái.")

    def cleaned(self, text: str) -> str:
        if parsing.has_unreadable(text) or len(text) > 5 * self.longest:
            raise Mistake(_(self.wrong, n=self.longest))
        return parsing.one_line(text)

    def read(self, text: str, context: Context) -> TidyName:
        name = tidy_name(text)
        if not name.name:
            raise Mistake(_(self.required))
        if any(char.isdigit() for char in name.name) or len(name.name) > self.longest:
            raise Mistake(_(self.wrong, n=self.longest))
        if fault := name_fault(name.name):
            raise Mistake(f"{fault}.")
        return name

    def show(self, value: TidyName) -> str:
        return value.name


class Phone(FieldType[PhoneReading]):
    """A phone number as people write it, or words for "none".

    One that we read differently (an old 11-digit number) is put into the field as we would store it, so that
    sending once more agrees to it.
    """

    def read(self, text: str, context: Context) -> PhoneReading:
        phone = read_phone(text)
        if phone.doubt and phone.proposed:
            raise Mistake(
                _("%(doubt)s. Nếu đúng, xin bấm lưu lần nữa.", doubt=phone.doubt), display(phone.proposed)
            )
        if phone.doubt and phone.e164 is None:
            raise Mistake(f"{phone.doubt}.")
        return phone

    def show(self, value: PhoneReading) -> str:
        return display(value.e164) if value.e164 else ""


class Email(FieldType[str]):
    """An e-mail address, in lower case."""

    wrong: ClassVar[str] = N_("Địa chỉ e-mail chưa đúng.")

    def __init__(self, *, required: str | None = None) -> None:
        super().__init__(LONGEST_ADDRESS, required=required)

    def read(self, text: str, context: Context) -> str:
        address = read_address(text)
        if address is None:
            raise Mistake(_(self.wrong))
        return address

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(max_length=self.longest, extra_json_schema={"format": "email"})


class ReturnPath(FieldType[str]):
    """A page of ours to go on to; anything else is `fallback`, and no mistake."""

    def __init__(self, fallback: str = "/") -> None:
        super().__init__(2000)
        self.fallback = fallback

    def take(self, texts: Sequence[str], context: Context) -> str | None:
        return local_path(texts[-1], self.fallback) if texts else None
