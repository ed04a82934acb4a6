"""A form on its way: what was typed, what is wrong with it, its value when nothing is."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Generic, Protocol, TypeVar, cast, runtime_checkable

from msgspec import NODEFAULT, Struct

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms.declaration import DeclaredField, fields_of
from lopso.web.forms.field_type import Context, Mistake
from lopso.web.forms.typed import Typed

S = TypeVar("S", bound=Struct)
R = TypeVar("R", bound=Struct)


@runtime_checkable
class CrossChecked(Protocol):
    """A form whose fields must fit each other; asked when each makes sense by itself."""

    def mistakes(self) -> Mapping[str, str]:
        """Field name to sentence; empty when all is well."""
        ...


class Form(Generic[S]):
    """A form of struct `S`; a handler that takes ``form: Form[VenueForm]`` gets the one that was sent.

    Attributes:
        typed: what was typed, to be shown again as it was.
        errors: field name to the sentence beside it; "" is the form as a whole.
        sent: as it came, to be read once more as another form (`Form.read`).
    """

    def __init__(
        self,
        typed: Typed,
        errors: Mapping[str, str],
        value: S | None,
        sensible: S | None = None,
        sent: Typed | None = None,
    ) -> None:
        self.typed = typed
        self.sent = typed if sent is None else sent
        self.errors = dict(errors)
        self._value = value
        self._sensible = sensible

    @staticmethod
    def of(value: R) -> "Form[R]":
        """A form that shows `value`: what is kept now, or what an empty form proposes."""
        shown: dict[str, Any] = {}
        for field in fields_of(type(value)):
            current = getattr(value, field.attribute)
            shown[field.name] = "" if current is None else field.type.show(current)
        return Form(Typed().changed(**shown), {}, value, value)

    @staticmethod
    def blank(kind: type[R]) -> "Form[R]":
        """An empty form of `kind`."""
        return Form(Typed(), {}, None)

    @staticmethod
    def read(kind: type[R], sent: Typed, *, today: date) -> "Form[R]":
        """What was sent as a `kind`; every mistake is noted at its field."""
        context = Context(today)
        values: dict[str, object] = {}
        errors: dict[str, str] = {}
        proposed: dict[str, str] = {}
        for field in fields_of(kind):
            try:
                values[field.attribute] = _value(field, sent, context)
                proposed |= _understood(field, sent[field.name], values[field.attribute])
            except Mistake as mistake:
                at = field.name if field.type.error_at is None else field.type.error_at
                errors.setdefault(at, mistake.sentence)
                if mistake.proposed is not None:
                    proposed[field.name] = mistake.proposed
                if field.default is not NODEFAULT:
                    values[field.attribute] = field.default
        sensible = kind(**values) if len(values) == len(fields_of(kind)) else None
        value = sensible if not errors else None
        if isinstance(value, CrossChecked):
            errors |= value.mistakes()
        secret = [field.name for field in fields_of(kind) if not field.type.shown_again]
        return Form(sent.changed(**proposed).fit_to_show(without=secret), errors, value, sensible, sent)

    def value(self) -> S:
        """What the form says.

        Raises:
            InvalidInput: with the sentence of every field that needs mending.
        """
        if self.errors or self._value is None:
            raise InvalidInput(self.errors or {"": _("Xin điền mục này.")})
        return self._value

    def sensible(self) -> S:
        """What the form says, with the default of every field in place of what makes no sense there.

        For checks across fields whose sentences stand beside those of single fields, and for searches. Every
        field needs a default.
        """
        if self._sensible is None:
            raise TypeError("a field without a default was left empty or makes no sense")
        return self._sensible

    def unchecked(self) -> "Form[S]":
        """The same without its mistakes: for a page that only brings back what was typed."""
        return Form(self.typed, {}, self._value, self._sensible, self.sent)

    def refused(
        self, error: InvalidInput, *, prefix: str = "", names: Mapping[str, str] | None = None
    ) -> "Form[S]":
        """The same with what a service refused.

        Args:
            prefix: stands before the service's field names on this page.
            names: the service's field name to the page's, where they differ.
        """
        known = names or {}
        errors = {
            known.get(name, f"{prefix}{name}" if name else ""): said for name, said in error.fields.items()
        }
        return Form(self.typed, {**self.errors, **errors}, self._value, self._sensible, self.sent)

    def with_defaults(self, **texts: str) -> "Form[S]":
        """The same, showing `texts` in fields that were not sent: those of another form on the page."""
        return Form(self.typed.with_defaults(**texts), self.errors, self._value, self._sensible, self.sent)


def read_leniently(kind: type[S], sent: Typed, *, today: date) -> S:
    """A query as a `kind` whose fields all have defaults: what makes no sense counts as not given."""
    context = Context(today)
    values: dict[str, object] = {}
    for field in fields_of(kind):
        try:
            values[field.attribute] = _value(field, sent, context)
        except Mistake:
            values[field.attribute] = field.default
    return kind(**values)


def _understood(field: DeclaredField, text: str, value: object) -> dict[str, str]:
    """What to show in place of what was typed, by the field's name."""
    # Invisible characters alone are no value, though Python does not strip all of them.
    shown = field.type.understood(text, value) if text.strip() and value is not None else None
    return {} if shown is None else {field.name: shown}


def _value(field: DeclaredField, sent: Typed, context: Context) -> object:
    value = cast("object", field.type.take(sent.many(field.name), context))
    if value is not None:
        return value
    if field.default is NODEFAULT:
        raise Mistake(_(field.type.required, **field.type.places()))
    return field.default
