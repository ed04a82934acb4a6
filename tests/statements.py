"""Statements that reach the database."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@contextmanager
def statements_of(source: AsyncEngine | AsyncConnection) -> Generator[list[str]]:
    """The statements that run inside the block, savepoints included."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    listened = source.sync_engine if isinstance(source, AsyncEngine) else source.sync_connection
    event.listen(listened, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(listened, "before_cursor_execute", note)
