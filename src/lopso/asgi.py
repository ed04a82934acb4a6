"""``uvicorn lopso.asgi:app``: the application from the environment, for servers that want an object."""

import atexit
from contextlib import ExitStack

from lopso.application import logs
from lopso.application.app import create_app
from lopso.application.installation import open_installation
from lopso.kernel import db

_until_exit = ExitStack()
atexit.register(_until_exit.close)
_place = _until_exit.enter_context(open_installation())
logs.configure(_place.settings.log_format)
app = create_app(_place.settings, db.create_engine(_place.database_url))
