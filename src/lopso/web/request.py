"""A request of this application, as handlers, dependencies and error pages take it."""

from typing import Any

from litestar import Request as LitestarRequest
from litestar.datastructures import State

from lopso.kernel.access import Actor

Request = LitestarRequest[Actor | None, Any, State]
"""Its user is the signed-in Actor or None; nothing is known under `auth`."""
