"""The database schema: bring it up to date, or tell whether it is. Blocking; call it before serving."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, create_engine

from lopso.kernel.paths import shipped


def _config(url: str | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Apply what is missing, each revision in a transaction of its own. `url` is ``postgresql+psycopg://…``."""
    command.upgrade(_config(url), revision)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """Apply what is missing in the transaction that `connection` is in."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def knows(revision: str) -> bool:
    """Whether this version has that revision."""
    try:
        ScriptDirectory.from_config(_config()).get_revision(revision)
    except CommandError:
        return False
    return True


def downgrade(url: str, revision: str = "base") -> None:
    """Take revisions back down to `revision`."""
    command.downgrade(_config(url), revision)


def is_current(url: str) -> bool:
    """Whether the database stands at the newest revision."""
    return current_revision(url) == ScriptDirectory.from_config(_config(url)).get_current_head()


def current_revision(url: str) -> str | None:
    """The revision at which the database stands; None where it has no schema."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
