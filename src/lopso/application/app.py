"""The web application: routes of all packages, the frame around pages, one transaction per request."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, get
from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Response
from litestar.template import TemplateConfig
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

import accounts.routes
import attendance.routes
import competency.routes
import invitations.routes
import learner_portal.routes
import learners.routes
import notifications.routes
import overview.routes
import plan_sheets.routes
import scheduling.routes
import skills.routes
import staffing.routes
import trainers.routes
import venues.routes
import wordings.routes
from accounts.authentication import authentication_middleware, recognise_late
from accounts.routes.log_in_needed import not_signed_in
from competency.queries.skill_gaps import SignOffGaps
from lopso.application import health, style_page
from lopso.application.frame import Frames, home_of
from lopso.application.metrics import routes as metrics_routes
from lopso.application.metrics.application import MeasuredApplication
from lopso.application.metrics.process import ProcessMetrics
from lopso.application.templates import built_stylesheets, template_environment
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.access import Actor
from lopso.kernel.clock import Clock, utc_now
from lopso.kernel.errors import DomainError
from lopso.kernel.paths import shipped
from lopso.kernel.settings import Settings
from lopso.web import errors, headers
from lopso.web.forms.injection import declared_forms, handlers_of, provide_form, provide_params
from lopso.web.guards import SIGNED_IN, check_declarations, enforce_access, provide_actor
from lopso.web.guessing import MissCounter, count_misses, limit_guesses
from lopso.web.input_checks import input_middleware
from lopso.web.pages import redirect
from lopso.web.request import BoundedRequest, Request
from lopso.web.static_files import NOT_COMPRESSED, static_files
from lopso.web.submissions import AlreadySubmitted, answer_again
from lopso.web.transaction import provide_db, provide_now, transaction_middleware
from notifications.queries.wording_usage import LedgerUsage
from staffing.routes.availability import StaffAvailability
from venues.routes.dependencies import provide_ward

LARGEST_REQUEST = 2 * 1024 * 1024
"""Bytes of a form or a JSON body: a sheet of five hundred people with a dozen skills each has 0.5 MB. Routes
that take files allow more."""

ROUTES = [
    *accounts.routes.HANDLERS,
    *attendance.routes.HANDLERS,
    *competency.routes.HANDLERS,
    *invitations.routes.HANDLERS,
    *learner_portal.routes.HANDLERS,
    *learners.routes.HANDLERS,
    *notifications.routes.HANDLERS,
    *overview.routes.HANDLERS,
    *plan_sheets.routes.HANDLERS,
    *scheduling.routes.HANDLERS,
    *skills.routes.HANDLERS,
    *staffing.routes.HANDLERS,
    *venues.routes.HANDLERS,
    *trainers.routes.HANDLERS,
    *wordings.routes.HANDLERS,
    *health.HANDLERS,
    *style_page.HANDLERS,
    *metrics_routes.HANDLERS,
]


@get("/", include_in_schema=False, opt=SIGNED_IN)
async def home(request: Request, actor: Actor) -> Response[Any]:
    """To where this person's day begins."""
    frame = request.app.state.frame(actor, "/", None)
    return redirect(home_of(actor, frame.ward))


DEPENDENCIES = {
    "db": Provide(provide_db),
    "now": Provide(provide_now),
    "actor": Provide(provide_actor),
    "form": Provide(provide_form),
    "params": Provide(provide_params),
    "ward": Provide(provide_ward),
    "availability": Provide(StaffAvailability, sync_to_thread=False),
    "skill_gaps": Provide(SignOffGaps, sync_to_thread=False),
    "usage": Provide(LedgerUsage, sync_to_thread=False),
}


def create_app(settings: Settings, engine: AsyncEngine, *, clock: Clock = utc_now) -> Litestar:
    """The whole application on `engine`, which it disposes of at its end.

    Args:
        clock: the present in UTC; tests hand in one they can move.
    """

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncGenerator[None, None]:
        yield
        await engine.dispose()

    app = MeasuredApplication(
        route_handlers=[home, *ROUTES, static_files(shipped("static"))],
        state=State(state_of(settings, engine, clock)),
        dependencies=DEPENDENCIES,
        guards=[enforce_access, limit_guesses],
        request_class=BoundedRequest,
        middleware=[input_middleware, transaction_middleware, authentication_middleware],
        before_request=fresh_frame,
        before_send=[headers.secure, count_misses],
        csrf_config=_csrf(settings),
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=1000, exclude_opt_key=NOT_COMPRESSED
        ),
        template_config=TemplateConfig(engine=JinjaTemplateEngine.from_environment(template_environment())),
        exception_handlers={
            DomainError: errors.domain_error,
            AlreadySubmitted: answer_again,
            NotAuthorizedException: not_signed_in,
            HTTPException: errors.http_error,
            DataError: errors.no_such_number,
            OperationalError: errors.crossed,
            Exception: errors.unexpected,
        },
        request_max_body_size=LARGEST_REQUEST,
        openapi_config=None,
        logging_config=None,
        lifespan=[lifespan],
    )
    handlers = list(handlers_of(app.routes))
    check_declarations(handlers)
    declared_forms(handlers)
    return app


def _csrf(settings: Settings) -> CSRFConfig:
    return CSRFConfig(
        secret=settings.secret,
        cookie_name="__Host-csrf" if settings.secure_cookies else "csrf",
        cookie_secure=settings.secure_cookies,
        cookie_httponly=True,
        cookie_samesite="lax",
        exclude_from_csrf_key="exclude_from_csrf",
    )


def state_of(settings: Settings, engine: AsyncEngine, clock: Clock) -> dict[str, Any]:
    """What requests find in ``app.state``."""
    sessions = database.session_maker(engine, LISTENERS)
    return {
        "settings": settings,
        "sessions": sessions,
        "clock": clock,
        "frame": Frames(sessions),
        "metrics": ProcessMetrics(engine) if settings.metrics_token else None,
        "misses": MissCounter(),
        "recognise_late": recognise_late,
        "stylesheets": built_stylesheets(),
    }


async def fresh_frame(request: Request) -> None:
    """Let the frame read again what has become old."""
    await request.app.state.frame.refresh()
