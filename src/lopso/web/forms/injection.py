"""Forms and queries handed to the handlers that ask for them, by the annotation alone.

``form: Form[VenueForm]`` is what was posted (for a GET: its query), with all mistakes noted.
``params: PageParams`` is the query of a GET; what makes no sense there counts as not given.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, get_args, get_origin

from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import BaseRoute, HTTPRoute
from msgspec import NODEFAULT, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import local_day
from lopso.web.forms.declaration import fields_of
from lopso.web.forms.form import Form, read_leniently
from lopso.web.forms.typed import Typed
from lopso.web.request import Request
from lopso.web.submissions import process_once


async def provide_form(request: Request, db: AsyncSession, now: datetime) -> Form[Any]:
    """Dependency `form`.

    Raises:
        AlreadySubmitted: this very form was processed before.
    """
    kind = form_kind(request.route_handler)
    posted = await sent(request)
    await process_once(request, db, posted, now)
    return Form.read(_needed(kind), posted, today=local_day(now))


async def provide_params(request: Request, now: datetime) -> Any:
    """Dependency `params`."""
    kind = params_kind(request.route_handler)
    query = Typed.sent(request.query_params.multi_items())
    return read_leniently(_needed(kind), query, today=local_day(now))


async def sent(request: Request) -> Typed:
    """What a request says: a posted form, or for a GET its query.

    Raises:
        InvalidInput: more values than any page of ours sends, or bytes that are no text.
    """
    if request.method == "GET":
        return Typed.sent(request.query_params.multi_items())
    return Typed.sent((await request.form()).multi_items())


def form_kind(handler: HTTPRouteHandler) -> type[Struct] | None:
    """The struct in ``form: Form[…]`` of a handler; None when it takes no form."""
    parameter = handler.parsed_fn_signature.parameters.get("form")
    if parameter is None or get_origin(parameter.annotation) is not Form:
        return None
    return get_args(parameter.annotation)[0]


def params_kind(handler: HTTPRouteHandler) -> type[Struct] | None:
    """The struct of a handler's `params`; None when it takes none."""
    parameter = handler.parsed_fn_signature.parameters.get("params")
    return parameter.annotation if parameter is not None else None


def _needed(kind: type[Struct] | None) -> type[Struct]:
    if kind is None:
        raise ImproperlyConfiguredException("`form` is to be annotated Form[…], `params` with a struct")
    return kind


def handlers_of(routes: Iterable[BaseRoute]) -> Iterator[HTTPRouteHandler]:
    """Every handler that a page of ours reaches; the answers to OPTIONS are the framework's."""
    seen: set[int] = set()
    for route in routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if id(handler) not in seen and handler.http_methods != {"OPTIONS"}:
                seen.add(id(handler))
                yield handler


def declared_forms(handlers: Iterable[HTTPRouteHandler]) -> set[type[Struct]]:
    """The structs of all forms and queries that `handlers` take.

    Raises:
        TypeError: a field that says no field type, or one of a query without a default.
    """
    kinds: set[type[Struct]] = set()
    for handler in handlers:
        form, params = form_kind(handler), params_kind(handler)
        for kind in (form, params):
            if kind is not None:
                fields_of(kind)
                kinds.add(kind)
        if params is not None and any(field.default is NODEFAULT for field in fields_of(params)):
            raise TypeError(f"{params.__name__}: every field of a query needs a default")
    return kinds
