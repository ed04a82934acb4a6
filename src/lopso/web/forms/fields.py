"""What a field of a form may be; each is put beside the Python type: ``Annotated[int, WholeNumber(1, 9)]``.

A kind of field that only one room knows is a `FieldType` of that room's. Sentences handed in are message
ids, marked with ``N_``; they may use the places that the field's own sentence has (``%(low)s``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import UUID

import msgspec

from lopso.kernel import formatting, parsing
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.kernel.mail_address import LONGEST as LONGEST_ADDRESS
from lopso.kernel.mail_address import read_address
from lopso.kernel.phone import PhoneReading, display, read_phone
from lopso.kernel.text import TidyName, tidy_name
from lopso.web.addresses import local_path

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """What reading depends on besides the text."""

    today: date


class Mistake(Exception):
    """A text that a field cannot take; caught by the form.

    Attributes:
        sentence: shown beside the field.
        proposed: put into the field in place of what was typed, so that sending once more agrees to it.
    """

    def __init__(self, sentence: str, proposed: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.proposed = proposed


class FieldType(Generic[T]):
    """How one field is read, shown and described.

    Attributes:
        wire: its type in JSON.
        longest: characters it may have.
        several_lines: line breaks are kept.
        shown_again: a page may show what was typed.
        error_at: another name at which mistakes are said; "" is the form as a whole.
    """

    wire: ClassVar[Any] = str
    several_lines: bool = False
    shown_again: ClassVar[bool] = True
    error_at: ClassVar[str | None] = None
    required: str = N_("Xin điền mục này.")

    def __init__(self, longest: int = 200, *, required: str | None = None) -> None:
        self.longest = longest
        if required is not None:
            self.required = required

    def read(self, text: str, context: Context) -> T:
        """The value of a text that is not empty, bounded and free of unreadable characters.

        Raises:
            Mistake: it makes no sense here.
        """
        raise NotImplementedError

    def show(self, value: T) -> str | Sequence[str]:
        """`value` as the field shows it."""
        return str(value)

    def wire_type(self) -> Any:
        """The type in the JSON schema."""
        return self.wire

    def meta(self) -> msgspec.Meta:
        """Bounds for the JSON schema."""
        return msgspec.Meta(max_length=self.longest)

    def places(self) -> dict[str, object]:
        """What stands for the ``%(name)s`` of its sentences."""
        return {}

    def take(self, texts: Sequence[str], context: Context) -> T | None:
        """The value of what was sent under one name; None when it is empty.

        Raises:
            Mistake: it makes no sense here.
        """
        text = self.cleaned(texts[-1]) if texts else ""
        return self.read(text, context) if text else None

    def cleaned(self, text: str) -> str:
        """`text` in NFC with its white space in order.

        Raises:
            Mistake: it holds characters that nobody types, or is too long.
        """
        if parsing.has_unreadable(text):
            raise Mistake(_("Có ký tự lạ không đọc được. Xin gõ lại mục này."))
        clean = parsing.several_lines(text) if self.several_lines else parsing.one_line(text)
        if len(clean) > self.longest:
            raise Mistake(_("Ghi ngắn lại, nhiều nhất %(n)s chữ.", n=self.longest))
        return clean


class Text(FieldType[str]):
    """Words: one line with single spaces, or several (`lines`)."""

    def __init__(self, longest: int = 200, *, lines: bool = False, required: str | None = None) -> None:
        super().__init__(longest, required=required)
        self.several_lines = lines

    def read(self, text: str, context: Context) -> str:
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


class WholeNumber(FieldType[int]):
    """A whole number between two bounds, both allowed."""

    wire = int
    wrong: str = N_("Xin ghi một số, từ %(low)s đến %(high)s.")
    outside: str = N_("Số này phải từ %(low)s đến %(high)s.")

    def __init__(
        self,
        low: int,
        high: int,
        *,
        required: str | None = None,
        wrong: str | None = None,
        outside: str | None = None,
    ) -> None:
        super().__init__(40, required=required or wrong or self.wrong)
        self.low, self.high = low, high
        self.wrong = wrong or self.wrong
        self.outside = outside or self.outside

    def places(self) -> dict[str, object]:
        return {"low": self.low, "high": self.high}

    def parse(self, text: str) -> int | None:
        """The number, wherever it lies."""
        return parsing.read_whole_number(text)

    def read(self, text: str, context: Context) -> int:
        number = self.parse(text)
        if number is None:
            raise Mistake(_(self.wrong, **self.places()))
        if not self.low <= number <= self.high:
            raise Mistake(_(self.outside, **self.places()))
        return number

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(ge=self.low, le=self.high)


class Money(WholeNumber):
    """An amount in đồng: "350.000 đ"."""

    def parse(self, text: str) -> int | None:
        return parsing.read_money(text)


class Id(FieldType[int]):
    """A row picked from a list; whether it is there and may be seen is for a query to say."""

    wire = int
    required = N_("Xin chọn một.")

    def __init__(self, *, required: str | None = None) -> None:
        super().__init__(40, required=required)

    def read(self, text: str, context: Context) -> int:
        number = parsing.read_id(text)
        if number is None:
            raise Mistake(_(self.required))
        return number

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(ge=1, le=parsing.LARGEST_ID)


class FormId(FieldType[UUID]):
    """The id that a page was made with: the same page sent twice is one sending."""

    wire = UUID
    error_at = ""
    required = N_("Trang gửi thiếu thông tin. Xin tải lại trang rồi thử lần nữa.")

    def read(self, text: str, context: Context) -> UUID:
        value = parsing.read_uuid(text)
        if value is None:
            raise Mistake(_(self.required))
        return value

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta()


class Choice(FieldType[T]):
    """One of a few values: texts, or the members of a `StrEnum`."""

    required = N_("Xin chọn một.")

    def __init__(self, values: Iterable[T], *, required: str | None = None) -> None:
        self.values = {str(value): value for value in values}
        super().__init__(max((len(text) for text in self.values), default=1) + 20, required=required)

    def read(self, text: str, context: Context) -> T:
        if text not in self.values:
            raise Mistake(_(self.required))
        return self.values[text]

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(extra_json_schema={"enum": list(self.values)})


class TickBox(FieldType[bool]):
    """A box that is ticked or not; anything but our own "1" (or a browser's "on") is not."""

    wire = bool

    def read(self, text: str, context: Context) -> bool:
        return text in ("1", "on", "true")

    def show(self, value: bool) -> str:
        return "1" if value else ""

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta()


class Day(FieldType[date]):
    """A day: 2026-11-26, 26/11/2026. `native` shows it as ``<input type="date">`` asks."""

    wire = date

    def __init__(
        self,
        *,
        native: bool = False,
        years: range = parsing.YEARS,
        required: str | None = None,
        wrong: str | None = None,
    ) -> None:
        super().__init__(40)
        self.native, self.years = native, years
        self.wrong = wrong or N_("Xin ghi ngày theo dạng ngày/tháng/năm.")
        self.required = required or self.wrong

    def read(self, text: str, context: Context) -> date:
        day = parsing.read_date(text, self.years)
        if day is None:
            raise Mistake(_(self.wrong))
        return day

    def show(self, value: date) -> str:
        return value.isoformat() if self.native else formatting.full_date(value)

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta()


class TimeOfDay(FieldType[time]):
    """A time of day: "8h30", "18:00", "18h", "14 giờ". `native` shows it as ``<input type="time">`` asks."""

    wire = time

    def __init__(
        self, *, native: bool = False, required: str | None = None, wrong: str | None = None
    ) -> None:
        super().__init__(40)
        self.native = native
        self.wrong = wrong or N_("Xin ghi giờ, ví dụ 8h30.")
        self.required = required or self.wrong

    def read(self, text: str, context: Context) -> time:
        value = parsing.read_time(text)
        if value is None:
            raise Mistake(_(self.wrong))
        return value

    def show(self, value: time) -> str:
        return value.isoformat("minutes") if self.native else formatting.short_hour(value)

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(tz=False)


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


class Many(FieldType[tuple[T, ...]]):
    """A field sent several times (ticked boxes): its values, each once, in the order sent.

    What makes no sense is passed over, and so is what comes after `most`: our own pages send neither.
    """

    def __init__(self, item: FieldType[T], *, most: int = 100, required: str | None = None) -> None:
        super().__init__(required=required)
        self.item, self.most = item, most

    def take(self, texts: Sequence[str], context: Context) -> tuple[T, ...] | None:
        values: dict[T, None] = {}
        for text in texts:
            try:
                value = self.item.take([text], context)
            except Mistake:
                continue
            if value is not None:
                values[value] = None
        return tuple(values)[: self.most] or None

    def wire_type(self) -> Any:
        return list[self.item.wire_type()]

    def show(self, value: tuple[T, ...]) -> Sequence[str]:
        return [text for each in value for text in [self.item.show(each)] if isinstance(text, str)]

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(max_length=self.most)


class ReturnPath(FieldType[str]):
    """A page of ours to go on to; anything else is `fallback`, and no mistake."""

    def __init__(self, fallback: str = "/") -> None:
        super().__init__(2000)
        self.fallback = fallback

    def take(self, texts: Sequence[str], context: Context) -> str | None:
        return local_path(texts[-1], self.fallback) if texts else None


Tick = Annotated[bool, TickBox()]
RowId = Annotated[int, Id()]
FormToken = Annotated[UUID, FormId()]
PageNumber = Annotated[int, WholeNumber(1, 99_999)]
