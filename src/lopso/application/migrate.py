"""The database schema: bring it up to date, or tell whether it is. Blocking; call it before serving.

Alembic is imported where something is to be migrated. It takes a quarter of a second, and most commands only
ask whether the schema is current.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, text

from lopso.kernel.paths import shipped

if TYPE_CHECKING:
    from alembic.config import Config


def _config(url: str | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Apply what is missing, each revision in a transaction of its own. `url` is ``postgresql+psycopg://…``."""
    from alembic import command

    command.upgrade(_config(url), revision)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """Apply what is missing in the transaction that `connection` is in."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def knows(revision: str) -> bool:
    """Whether this version has that revision."""
    return revision in _revisions()


def downgrade(url: str, revision: str = "base") -> None:
    """Take revisions back down to `revision`."""
    from alembic import command

    command.downgrade(_config(url), revision)


def is_current(url: str) -> bool:
    """Whether the database stands at the newest revision."""
    return current_revision(url) == newest_revision()


def newest_revision() -> str:
    """The revision that `upgrade` leads to: revisions are numbered, and their files begin with the number."""
    return max(_revisions())


def _revisions() -> set[str]:
    return {file.name.partition("_")[0] for file in shipped("migrations").glob("versions/[0-9]*.py")}


def current_revision(url: str) -> str | None:
    """The revision at which the database stands; None where it has no schema."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
                return None
            return connection.scalar(text("SELECT version_num FROM alembic_version"))
    finally:
        engine.dispose()
