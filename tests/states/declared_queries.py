"""Queries as the routes declare them: every choice of every field, and one sensible value of any other."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from lopso.kernel.clock import local_day
from lopso.web.forms import Choice, FieldType
from lopso.web.forms.declaration import DeclaredField, fields_of
from lopso.web.forms.field_type import Context, Mistake
from lopso.web.forms.injection import form_kind, params_kind

SAMPLES = ("1", "30/11/2026", "8h30", "2026-11-24T05:00:00+00:00", "an", "an@example.org", "0912 345 678")


def declared_queries(handlers: Iterable[HTTPRouteHandler], now: datetime) -> Iterator[tuple[str, str]]:
    """Pairs of a path, as ``/lich/{ward_id}``, and a query that begins with "?".

    One for each value of each field, the others left out, and one with a value of every field.
    """
    for handler in handlers:
        if "GET" not in handler.http_methods:
            continue
        values = {
            field.name: found
            for kind in (form_kind(handler), params_kind(handler))
            for field in _fields(kind)
            if (found := _values(field.type, now))
        }
        single = [{name: value} for name, found in values.items() for value in found]
        whole = [{name: found[0] for name, found in values.items()}] if len(values) > 1 else []
        for path in sorted(handler.paths):
            for each in (*single, *whole):
                yield re.sub(r"{(\w+):\w+}", r"{\1}", path), f"?{urlencode(each)}"


def _fields(kind: type[Struct] | None) -> Sequence[DeclaredField]:
    return fields_of(kind) if kind else ()


def _values(kind: FieldType[Any], now: datetime) -> Sequence[str]:
    while not isinstance(kind, Choice):
        inner: FieldType[Any] | None = getattr(kind, "item", None)
        if inner is None:
            return [text for text in SAMPLES if _makes_sense(kind, text, now)][:1]
        kind = inner
    return [text for text in kind.values if text]


def _makes_sense(kind: FieldType[Any], text: str, now: datetime) -> bool:
    try:
        return kind.take([text], Context(today=local_day(now))) is not None
    except Mistake:
        return False
