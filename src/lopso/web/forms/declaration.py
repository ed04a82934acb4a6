"""What a struct declares as a form: its fields with their types, its JSON schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_origin

import msgspec
from msgspec import NODEFAULT, Struct

from lopso.web.forms.field_type import FieldType


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """A field of a form.

    Attributes:
        attribute: in the struct.
        name: in the page; ``msgspec.field(name=…)`` sets another than `attribute`.
        default: its value when left empty; NODEFAULT where it is required.
    """

    attribute: str
    name: str
    type: FieldType[Any]
    default: object


@cache
def fields_of(kind: type[Struct]) -> tuple[DeclaredField, ...]:
    """The fields that `kind` declares.

    Raises:
        TypeError: a field without a FieldType beside its Python type.
    """
    return tuple(
        DeclaredField(
            field.name, field.encode_name, _field_type(kind, field.name, field.type), _default(field)
        )
        for field in msgspec.structs.fields(kind)
    )


def _field_type(kind: type[Struct], name: str, annotation: object) -> FieldType[Any]:
    if get_origin(annotation) is Annotated:
        for each in getattr(annotation, "__metadata__", ()):
            if isinstance(each, FieldType):
                return each  # pyright: ignore[reportUnknownVariableType]  (of any type)
    raise TypeError(f"{kind.__name__}.{name} says no field type, as Annotated[int, WholeNumber(1, 9)] does")


def _default(field: msgspec.structs.FieldInfo) -> object:
    return field.default_factory() if field.default_factory is not NODEFAULT else field.default


def schema_of(kind: type[Struct]) -> Mapping[str, Any]:
    """The JSON schema of a form: types, bounds, what is required."""
    return msgspec.json.schema(described(kind))


def described(kind: type[Struct]) -> type[Struct]:
    """A struct of the types that `kind` has in JSON, with their bounds."""
    fields: list[Any] = []  # (name, type) or (name, type, default), as defstruct takes them
    for each in fields_of(kind):
        annotation = each.type.annotation
        optional = (annotation | None, None)
        fields.append((each.name, *((annotation,) if each.default is NODEFAULT else optional)))
    return msgspec.defstruct(kind.__name__, fields, kw_only=True)
