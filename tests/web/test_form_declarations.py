"""Every form and query of the application is declared with the form kit."""

import inspect
from collections.abc import Iterator
from datetime import date
from typing import cast

import pytest
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from lopso.web.forms import Form, Typed, schema_of
from lopso.web.forms.injection import declared_forms, handlers_of
from tests.conftest import TestApp

TODAY = date(2026, 11, 23)


def test_every_form_of_the_application_has_its_schema(app: TestApp) -> None:
    kinds = declared_forms(handlers_of(app.app.routes))

    assert len(kinds) > 5
    names = [kind.__name__ for kind in kinds]
    assert sorted(names) == sorted(set(names))
    for kind in kinds:
        schema = schema_of(kind)["$defs"][kind.__name__]
        assert schema["properties"] or not kind.__struct_fields__


def test_a_field_without_a_type_stops_the_application() -> None:
    class Bare(Struct):
        name: str

    with pytest.raises(TypeError, match=r"Bare\.name"):
        Form.read(Bare, Typed(), today=TODAY)


def test_no_handler_takes_a_query_past_the_form_kit(app: TestApp) -> None:
    given = {"request", "state", "scope", *app.app.dependencies}
    past = {
        f"{sorted(handler.paths)}: {name}"
        for handler in handlers_of(app.app.routes)
        for name in parameters_of(handler)
        if name not in given and not any(f"{{{name}:" in path for path in handler.paths)
    }
    assert past == set()


def parameters_of(handler: HTTPRouteHandler) -> Iterator[str]:
    """What a handler takes, and what its own dependencies take."""
    own = handler.dependencies or {}
    for name in handler.parsed_fn_signature.parameters:
        if name not in own:
            yield name
    for provider in own.values():
        yield from inspect.signature(cast(Provide, provider).dependency).parameters
