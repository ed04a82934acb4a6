"""Where this installation runs: its settings and its database, started when it is the embedded one."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from gateways.brandname_config import read_config
from lopso.application import migrate
from lopso.application.backup.secret import is_unfinished
from lopso.kernel import embedded
from lopso.kernel.i18n import gettext as _
from lopso.kernel.settings import Settings, SettingsError, from_env

DATABASE = "lopso"


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings and the address of the database (``postgresql+psycopg://…``)."""

    settings: Settings
    database_url: str


def check_ready(installation: Installation) -> None:
    """Refuse to work on a database that is not as this version needs it.

    Raises:
        SettingsError: an unfinished restore, or the schema of another version.
    """
    if is_unfinished(installation.settings.home):
        raise SettingsError(
            _("Lần khôi phục trước bị dừng giữa chừng. Hãy chạy lại: lopso restore TỆP --key KHOÁ --replace")
        )
    if not migrate.is_current(installation.database_url):
        raise SettingsError("The database schema is not current; run 'lopso db upgrade' first.")


@contextmanager
def open_installation() -> Generator[Installation]:
    """Read the settings and make sure the database server is there.

    The embedded server, if it is that one, stops at the end unless another process still uses it.

    Raises:
        SettingsError: a variable is missing or wrong.
        EmbeddedUnavailable: no database given and no embedded one installed.
    """
    settings = from_env(os.environ, home=embedded.default_home())
    if settings.brandname is not None:
        read_config(settings.brandname)
    if settings.database_url:
        yield Installation(settings, settings.database_url)
        return
    server = embedded.start(settings.home / "postgres")
    try:
        server.create_database(DATABASE)
        yield Installation(settings, server.url(DATABASE))
    finally:
        server.stop()
