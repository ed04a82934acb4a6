"""``uvicorn --no-proxy-headers lopso.asgi:app``: the application from the environment, for other servers.

Without that option uvicorn believes forwarded headers of this machine, whatever the settings say; and such a
server has none of the bounds of `lopso.application.serving`.
"""

import atexit
from contextlib import ExitStack
from typing import Any, cast

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from lopso.application import logs
from lopso.application.app import create_app
from lopso.application.installation import open_installation
from lopso.kernel import db

_until_exit = ExitStack()
atexit.register(_until_exit.close)
_place = _until_exit.enter_context(open_installation(own=True))
logs.configure(_place.settings.log_format)
app = ProxyHeadersMiddleware(
    cast("Any", create_app(_place.settings, db.create_engine(_place.database_url))),  # types of scopes differ
    list(_place.settings.trusted_proxies),
)
