"""A JSON body read by the same declarations as a form: every mistake at its path, ``marks.0.learner_id``."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar, cast

import msgspec
from msgspec import NODEFAULT, Struct

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms.declaration import described, fields_of
from lopso.web.forms.field_type import Context, FieldType
from lopso.web.request import too_many_values

MOST_VALUES = 100_000
"""Values in one body: marks and skills of the largest roster have eighty thousand."""

S = TypeVar("S", bound=Struct)


class Entries(FieldType[tuple[S, ...]]):
    """A list of objects, each a struct of field types; for JSON only."""

    def __init__(self, kind: type[S], *, most: int) -> None:
        super().__init__()
        self.kind, self.most = kind, most

    def take(self, texts: Sequence[str], context: Context) -> tuple[S, ...] | None:
        return None

    def wire_type(self) -> Any:
        return list[described(self.kind)]

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(max_length=self.most)

    def read_json(self, value: object, context: Context, path: str, errors: dict[str, str]) -> tuple[S, ...]:
        if not isinstance(value, list):
            errors[path] = _("Phải là một danh sách.")
            return ()
        entries = cast("list[object]", value)
        if len(entries) > self.most:
            errors[path] = _("Mỗi lần gửi tối đa %(n)s dòng.", n=self.most)
            return ()
        read = [
            _read_object(self.kind, each, f"{path}.{n}.", context, errors) for n, each in enumerate(entries)
        ]
        return tuple(each for each in read if each is not None)


def read_json(kind: type[S], body: bytes, *, today: date, bare_list: str | None = None) -> S:
    """A JSON object as a `kind`.

    Args:
        bare_list: the field that a list without an object around it stands for.

    Raises:
        InvalidInput: it is no JSON, holds more than `MOST_VALUES` values, or with the sentence of every field
            that needs mending.
    """
    # Before decoding: a megabyte of "[]," becomes objects of fifty times its size.
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise too_many_values()
    try:
        value: Any = msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput({"": _("Nội dung gửi lên không phải JSON.")}) from error
    if bare_list is not None and not isinstance(value, dict):
        value = {bare_list: value}
    errors: dict[str, str] = {}
    read = _read_object(kind, cast("object", value), "", Context(today), errors)
    if read is None or errors:
        raise InvalidInput(errors)
    return read


def _read_object(
    kind: type[S], value: object, prefix: str, context: Context, errors: dict[str, str]
) -> S | None:
    given: Mapping[str, object] = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    values: dict[str, object] = {}
    before = len(errors)
    for field in fields_of(kind):
        path = f"{prefix}{field.name}"
        sent = given.get(field.name, NODEFAULT)
        if sent is NODEFAULT or (sent is None and field.default is None):
            values[field.attribute] = field.default
            if field.default is NODEFAULT:
                errors[path] = _(field.type.wrong_json)
        else:
            values[field.attribute] = field.type.read_json(sent, context, path, errors)
    return kind(**values) if len(errors) == before else None
