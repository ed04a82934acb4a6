"""Database: base class, column types, engine and session makers. PostgreSQL only."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    MetaData,
    Numeric,
    String,
    Text,
    any_,
    event,
    literal,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, mapped_column
from sqlalchemy.types import TypeDecorator

from lopso.kernel import events

T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
    """``timestamptz`` that refuses a naive datetime."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime; instants carry a time zone")
        return value


Instant = Annotated[datetime, mapped_column(UtcDateTime)]
"""A moment in time, kept as ``timestamptz``."""

WardId = Annotated[str, mapped_column(String(5))]
"""The national 5-digit code of a ward or commune. On every big table, and leading its indexes."""

Id = Annotated[int, mapped_column(BigInteger, primary_key=True)]

Price = Annotated[Decimal, mapped_column(Numeric(18, 4))]


class Base(DeclarativeBase):
    """Root of every model; constraint names follow one rule so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        str: Text,
        int: BigInteger,
        dict[str, Any]: JSONB,
    }


_IDLE_IN_TRANSACTION = "2min"  # our own work between two statements takes some seconds at most


def create_engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """An engine for `url` (``postgresql+psycopg://…``); sessions speak UTC.

    The locks of a client that vanished in a transaction end after `_IDLE_IN_TRANSACTION`.
    """
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]  (the event calls it)
        connection.autocommit = True
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_IN_TRANSACTION}'")
        connection.autocommit = False

    return engine


def session_maker(engine: AsyncEngine, listeners: events.Listeners) -> async_sessionmaker[AsyncSession]:
    """Sessions whose events reach `listeners`; rows stay readable after commit."""
    return async_sessionmaker(engine, expire_on_commit=False, info=events.session_info(listeners))


def one_of(column: InstrumentedAttribute[T], values: Collection[T]) -> ColumnElement[bool]:
    """``column.in_(values)`` by one parameter, an array: `in_` binds each of hundreds of values alone."""
    return column == any_(literal(list(values), ARRAY(column.expression.type)))


def violated(error: IntegrityError) -> str | None:
    """Name of the violated constraint, or None."""
    diagnostics = getattr(error.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
