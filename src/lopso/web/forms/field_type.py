"""What a field of a form is: how it is read, shown again and described.

A kind of field that only one room knows is a `FieldType` of that room's. Sentences handed in are message
ids, marked with ``N_``; they may use the places that the field's own sentence has (``%(low)s``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar, Generic, TypeVar

import msgspec

from lopso.kernel import parsing
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _

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
        required: what is said when it is left empty.
        wrong_json: what is said of a JSON value of another type.
        longest: characters it may have.
        several_lines: line breaks are kept.
        shown_again: a page may show what was typed.
        error_at: another name at which mistakes are said; "" is the form as a whole.
    """

    wire: ClassVar[Any] = str
    several_lines: bool = False
    shown_again: ClassVar[bool] = True
    error_at: str | None = None
    required: str = N_("Xin điền mục này.")
    wrong_json: str = N_("Phải là một câu chữ.")

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

    def understood(self, text: str, value: T) -> str | None:
        """What to show in place of `text`, where a person should see how it was taken; None leaves it."""
        return None

    def wire_type(self) -> Any:
        """The type in the JSON schema."""
        return self.wire

    def meta(self) -> msgspec.Meta:
        """Bounds for the JSON schema."""
        return msgspec.Meta(max_length=self.longest) if self.wire is str else msgspec.Meta()

    @cached_property
    def annotation(self) -> Any:
        """Its type in JSON, with its bounds."""
        return Annotated[self.wire_type(), self.meta()]

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

    def take_json(self, value: object, context: Context) -> T:
        """The value of a JSON value.

        Raises:
            Mistake: it is of another type, or makes no sense here.
        """
        try:
            converted: Any = msgspec.convert(value, self.annotation)
        except msgspec.ValidationError as error:
            raise Mistake(_(self.wrong_json)) from error
        return self.read(self.cleaned(converted), context) if isinstance(converted, str) else converted

    def read_json(self, value: object, context: Context, path: str, errors: dict[str, str]) -> T | None:
        """As `take_json`; a mistake is put into `errors` at `path`, and the value is None."""
        try:
            return self.take_json(value, context)
        except Mistake as mistake:
            errors[path] = mistake.sentence
            return None

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


class Lenient(FieldType[T]):
    """A field in which what makes no sense counts as not given: of a search that is posted."""

    def __init__(self, item: FieldType[T]) -> None:
        super().__init__()
        self.item = item

    def take(self, texts: Sequence[str], context: Context) -> T | None:
        try:
            return self.item.take(texts, context)
        except Mistake:
            return None

    def show(self, value: T) -> str | Sequence[str]:
        return self.item.show(value)

    def wire_type(self) -> Any:
        return self.item.wire_type()

    def meta(self) -> msgspec.Meta:
        return self.item.meta()


class Many(FieldType[tuple[T, ...]]):
    """A field sent several times (ticked boxes): its values, each once, in the order sent.

    What makes no sense is passed over: our own pages do not send it. `at` says mistakes elsewhere ("": of the
    form as a whole).
    """

    def __init__(
        self, item: FieldType[T], *, most: int = 100, required: str | None = None, at: str | None = None
    ) -> None:
        super().__init__(required=required)
        self.item, self.most, self.error_at = item, most, at

    def take(self, texts: Sequence[str], context: Context) -> tuple[T, ...] | None:
        if len(texts) > self.most:
            raise Mistake(_("Mỗi lần gửi tối đa %(n)s dòng.", n=self.most))
        values: dict[T, None] = {}
        for text in texts:
            try:
                value = self.item.take([text], context)
            except Mistake:
                continue
            if value is not None:
                values[value] = None
        return tuple(values) or None

    def wire_type(self) -> Any:
        return list[self.item.wire_type()]

    def show(self, value: tuple[T, ...]) -> Sequence[str]:
        return [text for each in value for text in [self.item.show(each)] if isinstance(text, str)]

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(max_length=self.most)
