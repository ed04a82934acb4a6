"""Cookies of this site: bound to this host, out of reach of scripts; over TLS only, where there is TLS."""

from litestar.datastructures import Cookie

from lopso.kernel.settings import Settings


def cookie_name(name: str, settings: Settings) -> str:
    """``__Host-`` wherever there is TLS: browsers then take it from this host alone."""
    return f"__Host-{name}" if settings.secure_cookies else name


def host_cookie(name: str, value: str, *, max_age: int, settings: Settings) -> Cookie:
    """The cookie `name` (without prefix) for `max_age` seconds; 0 removes it."""
    return Cookie(
        key=cookie_name(name, settings),
        value=value,
        max_age=max_age,
        path="/",
        httponly=True,
        secure=settings.secure_cookies,
        samesite="lax",
    )
