"""Pages and redirects: what a route returns.

``return page("venues/ward.html", ward_id=ward.id, ward_row=ward)``
``return page("venues/room.html", ward_id=ward.id, form=form.refused(error))``
``return redirect(f"/dia-diem/{ward_id}", flash=_("Đã lưu địa điểm."))``
"""

import base64
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from textwrap import shorten
from typing import Any, Literal, cast

import msgspec
from litestar.plugins.htmx import HTMXDetails
from litestar.response import Response, Template

from lopso.kernel.access import Actor
from lopso.kernel.i18n import language
from lopso.kernel.settings import Settings
from lopso.web.cookies import cookie_name, host_cookie
from lopso.web.first_screen import PageStyles, Stylesheet, source_of
from lopso.web.forms import Form
from lopso.web.headers import allow_style
from lopso.web.local_address import address_of, is_local, local_path, written
from lopso.web.request import Request, readable

_FLASH = "flash"
_LONGEST_FLASH = 500  # characters


@dataclass(frozen=True, slots=True)
class Flash:
    """A sentence shown once on the next page; `undo_url`, a page of ours, is posted to for undo."""

    text: str
    kind: Literal["ok", "warn", "bad"] = "ok"
    undo_url: str | None = None


@dataclass(frozen=True, slots=True)
class NavItem:
    """One link of the navigation. `count_at` answers how many tasks wait there, once the page is shown."""

    label: str
    href: str
    icon: str
    current: bool = False
    count_at: str | None = None


@dataclass(frozen=True, slots=True)
class WardChoice:
    """A ward in the switcher."""

    id: str
    full_name: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page of a signed-in person; made by lopso.application, which knows all rooms."""

    nav: Sequence[NavItem]
    wards: Sequence[WardChoice]
    ward: WardChoice | None
    edition_draft: bool
    delivery_paused: bool


class TemplatePage(Template):
    """A template with the frame, the person, the language and pending flashes around it."""

    def __init__(self, name: str, *, ward_id: str | None, status: int, context: dict[str, Any]) -> None:
        super().__init__(name, context=context, status_code=status, media_type="text/html")
        self.ward_id = ward_id

    def create_template_context(self, request: Request) -> dict[str, Any]:
        around = super().create_template_context(request)  # pyright: ignore[reportUnknownMemberType]  (its keywords are untyped)
        # An unknown address is refused before authentication.
        actor: Actor | None = cast("dict[str, Any]", request.scope).get("user")
        state = request.app.state
        now: datetime = state.clock()
        frame: Frame | None = None
        if actor is not None:
            frame = state.frame(actor, request.scope["path"], self.ward_id)
        return {
            **around,
            "actor": actor,
            "lang": language(),
            "here_again": address_of(request.scope),
            "now": now,
            "flashes": _read_flash(request.cookies.get(cookie_name(_FLASH, state.settings))),
            "nav": frame.nav if frame else [],
            "wards": frame.wards if frame else [],
            "ward": frame.ward if frame else None,
            "edition_draft": frame.edition_draft if frame else False,
            "delivery_paused": frame.delivery_paused if frame else False,
            "demo": state.settings.demo,
            "help_phone": state.settings.help_phone,
            "styles": partial(_styles, request),
            "allow_style": partial(_allow, request),
            **self.context,
            # A field without an error reads as "", so that forms need not ask twice.
            "errors": defaultdict(str, self.context.get("errors", {})),
        }

    def to_asgi_response(self, app: Any, request: Request, **kwargs: Any) -> Any:
        settings: Settings = request.app.state.settings
        if request.cookies.get(cookie_name(_FLASH, settings)) and not request.headers.get("hx-request"):
            self.set_cookie(host_cookie(_FLASH, "", max_age=0, settings=settings))
        # Litestar leaves this method untyped.
        return super().to_asgi_response(app, request, **kwargs)  # pyright: ignore[reportUnknownMemberType]  (its keywords are untyped)


def _styles(request: Request, names: Sequence[str]) -> PageStyles:
    """Which of the stylesheets `names` this browser has, and which it lacks."""
    state = request.app.state
    sheets: Mapping[str, Stylesheet] = state.stylesheets
    missing = {
        name: sheets[name]
        for name in names
        if request.cookies.get(cookie_name(sheets[name].cookie, state.settings), "") != sheets[name].version
    }
    return PageStyles([name for name in names if name not in missing], missing)


def _allow(request: Request, css: str) -> str:
    """`css` as it is; the page may have it inside."""
    allow_style(request.scope, source_of(css))
    return css


def page(
    name: str,
    *,
    ward_id: str | None = None,
    status: int = 200,
    form: Form[Any] | None = None,
    **context: Any,
) -> TemplatePage:
    """A page or a partial. Status 400 and up rolls back.

    Args:
        ward_id: the ward the page is about.
        form: gives the template `typed` and `errors`; with an error in it the status is 422.
    """
    if form is not None:
        context |= {"typed": form.typed, "errors": form.errors}
        status = 422 if form.errors else status
    return TemplatePage(name, ward_id=ward_id, status=status, context=context)


class SeeOther(Response[bytes]):
    """Post-redirect-get: 303 for a browser, ``HX-Redirect`` for htmx. Never leaves this site."""

    def __init__(self, url: str, flash: Flash | None) -> None:
        super().__init__(
            b"", status_code=303, media_type="text/plain", headers={"location": local_path(written(url))}
        )
        self._flash = flash

    def to_asgi_response(self, app: Any, request: Request, **kwargs: Any) -> Any:
        if self._flash is not None:
            value = base64.urlsafe_b64encode(msgspec.json.encode(self._flash)).decode()
            self.set_cookie(host_cookie(_FLASH, value, max_age=60, settings=request.app.state.settings))
        if request.headers.get("hx-request"):
            # Without the fragment: a browser loads nothing where only that differs from the page it is on.
            self.headers["hx-redirect"] = self.headers.pop("location").partition("#")[0]
            self.status_code = 204
        # Litestar leaves this method untyped.
        return super().to_asgi_response(app, request, **kwargs)  # pyright: ignore[reportUnknownMemberType]  (its keywords are untyped)


def redirect(
    url: str,
    *,
    flash: str | None = None,
    kind: Literal["ok", "warn", "bad"] = "ok",
    undo_url: str | None = None,
) -> SeeOther:
    """Go to `url`, a path of ours, and say `flash` there, shortened to what a cookie holds."""
    if flash and len(flash) > _LONGEST_FLASH:
        flash = shorten(flash, _LONGEST_FLASH, placeholder=" …")
    return SeeOther(url, Flash(flash, kind, undo_url) if flash else None)


def is_htmx(request: Request, *, target: str | None = None) -> bool:
    """Whether htmx asks for a part of a page; `target`: id of the element that the part replaces or fills."""
    details = HTMXDetails(request)
    return bool(details) and (target is None or details.target == target)


def _read_flash(raw: str | None) -> list[Flash]:
    if not raw:
        return []
    try:
        flash = msgspec.json.decode(base64.urlsafe_b64decode(raw), type=Flash)
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors
        return []
    believed = flash.undo_url is None or is_local(flash.undo_url)
    return [flash] if believed and len(flash.text) <= _LONGEST_FLASH and readable(flash.text) else []
