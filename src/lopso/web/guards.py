"""Who may open which page, declared on its route: ``@get("/x/{ward_id:str}", opt=in_ward(Permission.PLAN))``.

One guard of the application enforces it; a route that declares nothing stops the application from starting.
tests/access.toml holds the same rules for review.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException, NotAuthorizedException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import Scope

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import Forbidden, NotFound
from lopso.web.request import BoundedRequest
from lopso.web.unsent import UnsentForm, unsent_form

Connection = ASGIConnection[BaseRouteHandler, Actor | None, Any, Any]
Options = dict[str, Any]
_KEY = "access"
_PARTIAL_KEY = "partial"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open a page.

    Attributes:
        where: "public": everybody; "signed_in": anybody signed in; "city": `permission` in the whole city;
            "somewhere": in any ward; "ward": in the ward of the address; "row": in the ward of the row, which
            the row's query decides; "own": as "row", or by taking part.
        seen_by_helpers: the row's query also answers helpers who hold the permission nowhere.
    """

    where: Literal["public", "signed_in", "city", "somewhere", "ward", "row", "own"]
    permission: Permission | None = None
    seen_by_helpers: bool = False

    def __str__(self) -> str:
        """As tests/access.toml writes it."""
        match self.where:
            case "public" | "signed_in":
                return self.where
            case "ward" | "row":
                return str(self.permission)
            case "own":
                return f"own|{self.permission}"
            case _:
                return f"{self.where}:{self.permission}"


PUBLIC: Options = {_KEY: Access("public")}
"""For everybody; a secret in the address may stand for a log-in."""

PARTIAL: Options = {_PARTIAL_KEY: True}
"""Added to the above on a route that saves nothing and answers a part of the page while somebody types."""

SIGNED_IN: Options = {_KEY: Access("signed_in")}
"""For anybody signed in; shows only what is the person's own."""


def in_city(permission: Permission) -> Options:
    """`permission` for the whole city."""
    return {_KEY: Access("city", permission)}


def of_row(permission: Permission, *, seen_by_helpers: bool = False) -> Options:
    """`permission` in the ward of the row in the address. Who holds it nowhere is refused here; the query of
    the row refuses other wards (`require_in_ward`, or the ward in its WHERE).

    Args:
        seen_by_helpers: helpers may see the row without this permission, so the query answers them too:
            forbidden where they take part, not found elsewhere.
    """
    return {_KEY: Access("row", permission, seen_by_helpers)}


def own_or(permission: Permission) -> Options:
    """Those who take part (a helper of that session, say), or `permission` in the ward of the row; the row's
    query decides."""
    return {_KEY: Access("own", permission)}


def in_ward(permission: Permission) -> Options:
    """`permission` in the ward of the address (``{ward_id:str}``); another ward is not found."""
    return {_KEY: Access("ward", permission)}


def somewhere(permission: Permission) -> Options:
    """`permission` in any ward; shows only what belongs to such wards."""
    return {_KEY: Access("somewhere", permission)}


def require_in_ward(actor: Actor, permission: Permission, ward_id: str) -> None:
    """Require `permission` in the ward of a row that was read.

    Raises:
        NotFound: the actor holds nothing in that ward; its rows do not exist for them.
        Forbidden: the actor works there, but was not given this.
    """
    if actor.may(permission, ward_id):
        return
    if any(grant.ward_id in (None, ward_id) for grant in actor.grants):
        raise Forbidden
    raise NotFound


class LogInNeeded(NotAuthorizedException):
    """Nobody is signed in.

    Attributes:
        unsent: the form that was posted, to be sent again after log-in.
        partial: the route answers a part of a page on which somebody types.
    """

    def __init__(self, unsent: UnsentForm | None = None, *, partial: bool = False) -> None:
        super().__init__()
        self.unsent = unsent
        self.partial = partial


class Wards(Protocol):
    """The wards there are, in memory."""

    async def knows(self, ward_id: str) -> bool:
        """Whether there is such a ward; asks the database only for one not seen before."""
        ...


def access_of(handler: BaseRouteHandler) -> Access | None:
    """What a route declares."""
    declared = handler.opt.get(_KEY)
    return declared if isinstance(declared, Access) else None


async def enforce_access(connection: Connection, handler: BaseRouteHandler) -> None:
    """The guard of every route. A route that declares nothing (an answer to OPTIONS) asks for a log-in.

    Asynchronous, for the framework would hand a plain function to another thread at every request.

    Raises:
        LogInNeeded: answered with the log-in page.
        NotFound: as `require_in_ward`; or no such ward; or the person takes part in nothing.
        Forbidden: as `require_in_ward`.
    """
    access = access_of(handler) or Access("signed_in")
    if access.where == "public":
        return
    actor = connection.scope["user"]
    if actor is None:
        if handler.opt.get(_PARTIAL_KEY):
            raise LogInNeeded(partial=True)
        raise LogInNeeded(await unsent_form(BoundedRequest(connection.scope, connection.receive)))
    if access.permission is not None:
        await _require(access, access.permission, actor, connection)


async def _require(access: Access, permission: Permission, actor: Actor, connection: Connection) -> None:
    match access.where:
        case "ward":
            ward_id = str(connection.path_params["ward_id"])
            require_in_ward(actor, permission, ward_id)
            wards: Wards = connection.app.state.frame
            if not await wards.knows(ward_id):
                raise NotFound
        case "city":
            if not actor.everywhere(permission):
                raise Forbidden
        case "own":
            if not actor.may_somewhere(permission) and not actor.may_somewhere(Permission.TEACH):
                raise NotFound
        case _:
            if access.seen_by_helpers and actor.may_somewhere(Permission.TEACH):
                return
            if not actor.may_somewhere(permission):
                raise Forbidden


async def provide_actor(scope: Scope) -> Actor:
    """Dependency `actor`: the signed-in person; on public routes an actor without any grant."""
    return scope["user"] or Actor(None, "")


def check_declarations(handlers: Iterable[HTTPRouteHandler]) -> None:
    """Refuse an application in which some route does not say who may open it.

    Raises:
        ImproperlyConfiguredException: names the route.
    """
    for handler in handlers:
        access = access_of(handler)
        where = f"{handler}: {sorted(handler.paths)}"
        if access is None:
            raise ImproperlyConfiguredException(f"no access declared: {where}")
        if access.where == "ward" and any("{ward_id:str}" not in path for path in handler.paths):
            raise ImproperlyConfiguredException(f"in_ward needs {{ward_id:str}} in the address: {where}")
