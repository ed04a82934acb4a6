"""``uvicorn lopso.asgi:app``: the application from the environment. The database must be reachable."""

import os

from lopso.app import create_app
from lopso.kernel import db, embedded, settings

_settings = settings.from_env(os.environ, home=embedded.default_home())
_url = _settings.database_url or embedded.start(_settings.home / "postgres").url("lopso")
app = create_app(_settings, db.create_engine(_url))
