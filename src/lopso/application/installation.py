"""Where this installation runs: its settings and its database, started when it is the embedded one."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.exc import OperationalError

from gateways.brandname_config import read_config
from lopso.application import migrate, running_demo
from lopso.application.backup.secret import is_unfinished
from lopso.application.running_demo import RunningDemo, running_demos
from lopso.kernel import embedded
from lopso.kernel.embedded import EmbeddedServer
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
def open_installation(*, own: bool = False, destructive: bool = False) -> Generator[Installation]:
    """Read the settings and make sure the database server is there; say on standard error which one it is.

    ``LOPSO_DATABASE_URL`` is used without a word. Without it, the database is that of the demo which runs
    (under ``LOPSO_HOME``, if that is set), if there is no installation of one's own; ``LOPSO_DEMO`` chooses
    where there are both. The embedded server stops at the end unless another process still uses it.

    Args:
        own: never a demo: for what serves or sets up an installation.
        destructive: a database that was given is named too.

    Raises:
        SettingsError: a variable is missing or wrong, or several demos run and none is chosen.
        EmbeddedUnavailable: no database given and no embedded one installed.
    """
    demos = [] if own or os.environ.get("LOPSO_DATABASE_URL") else _demos_in_question()
    if demos and os.environ.get("LOPSO_DEMO") != "0":
        demo = _only(demos)
        if demo is not None and (os.environ.get("LOPSO_DEMO") == "1" or not _has_own_installation()):
            with _open_demo(demo) as installation:
                yield installation
            return
    with _open_own(demos, destructive=destructive) as installation:
        yield installation


@contextmanager
def _open_demo(demo: RunningDemo) -> Generator[Installation]:
    _say(
        f"using the database of the running demo at {demo.url}, in {demo.home}"
        " (LOPSO_DEMO=0 chooses your own installation)."
    )
    key = {"LOPSO_BACKUP_KEY": os.environ.get("LOPSO_BACKUP_KEY", "")}
    settings = from_env({**key, **demo.environment}, home=demo.home)
    server = embedded.start(settings.home / "postgres")
    try:
        yield Installation(settings, server.url(running_demo.DATABASE))
    finally:
        server.stop()


@contextmanager
def _open_own(demos: list[RunningDemo], *, destructive: bool) -> Generator[Installation]:
    settings = from_env(os.environ, home=embedded.default_home())
    if settings.brandname is not None:
        read_config(settings.brandname)
    if settings.database_url:
        if destructive:
            _say(f"using the database {_name_of(settings.database_url)} (LOPSO_DATABASE_URL).")
        yield Installation(settings, settings.database_url)
        return
    if demos:
        running = " and ".join(demo.url for demo in demos)
        _say(
            f"using your own installation in {settings.home}, not the running demo at {running}"
            " (LOPSO_DEMO=1 chooses the demo)."
        )
    else:
        _say(
            f"using the embedded database in {settings.home}"
            " (LOPSO_DATABASE_URL or LOPSO_HOME chooses another)."
        )
    server = embedded.start(settings.home / "postgres")
    try:
        server.create_database(DATABASE)
        yield Installation(settings, server.url(DATABASE))
    finally:
        server.stop()


def _demos_in_question() -> list[RunningDemo]:
    home = os.environ.get("LOPSO_HOME")
    return [demo for demo in running_demos() if not home or demo.home == Path(home).resolve()]


def _only(demos: list[RunningDemo]) -> RunningDemo | None:
    """The one demo; None where there are several.

    Raises:
        SettingsError: several, and the demo is wanted.
    """
    if len(demos) == 1:
        return demos[0]
    if os.environ.get("LOPSO_DEMO") == "1":
        homes = ", ".join(str(demo.home) for demo in demos)
        raise SettingsError(f"Several demos are running; choose one with LOPSO_HOME: {homes}.")
    return None


def _has_own_installation() -> bool:
    """Whether there is a database of one's own that was set up ('lopso db upgrade')."""
    home = Path(os.environ.get("LOPSO_HOME") or embedded.default_home())
    if not (home / "postgres" / "cluster").is_dir():
        return False
    server = embedded.start(home / "postgres")
    try:
        return _is_set_up(server)
    finally:
        server.stop()


def _is_set_up(server: EmbeddedServer) -> bool:
    try:
        return migrate.current_revision(server.url(DATABASE)) is not None
    except OperationalError:  # no such database
        return False


def _name_of(url: str) -> str:
    """Name and host, without user and password."""
    parts = conninfo_to_dict(url.replace("+psycopg", ""))
    return f"{parts.get('dbname', '')} on {parts.get('host', 'localhost')}"


def _say(sentence: str) -> None:
    print(f"lopso: {sentence}", file=sys.stderr)
