"""Who may open which door. Every route asks for a log-in unless it says ``opt={"public": True}``."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import Forbidden, NotFound

Connection = ASGIConnection[BaseRouteHandler, Actor | None, Any, Any]


async def requires_login(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let signed-in people through, and everybody where a route is marked public.

    Asynchronous, for the framework would hand a plain function to another thread at every request.

    Raises:
        NotAuthorizedException: answered with the log-in page.
    """
    if connection.scope["user"] is None and not handler.opt.get("public"):
        raise NotAuthorizedException


async def provide_actor(scope: Scope) -> Actor:
    """Dependency `actor`: the signed-in person; on public routes somebody without any grant."""
    return scope["user"] or Actor(None, "")


def in_ward(actor: Actor, permission: Permission, ward_id: str) -> None:
    """Require `permission` in one ward.

    Raises:
        NotFound: the actor holds nothing in that ward; its pages do not exist for them.
        Forbidden: the actor works there, but was not given this.
    """
    if actor.may(permission, ward_id):
        return
    if any(grant.ward_id in (None, ward_id) for grant in actor.grants):
        raise Forbidden
    raise NotFound


def somewhere(actor: Actor, permission: Permission) -> None:
    """Require `permission` in at least one ward.

    Raises:
        Forbidden: held nowhere.
    """
    if not actor.may_somewhere(permission):
        raise Forbidden
