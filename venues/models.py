"""Wards and communes, and the places in them where people meet."""

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lopso.kernel.db import Base, Id, Instant, WardId


class Ward(Base):
    """A phường or xã as in force since 2025-07-01; `id` is its national 5-digit code.

    `former_names` are the units it was merged from: people still speak of them.
    `search` is folded text of all names in both spellings.
    """

    __tablename__ = "ward"
    __table_args__ = (
        CheckConstraint("id ~ '^[0-9]{5}$'", name="five_digits"),
        CheckConstraint("kind IN ('phường', 'xã')", name="kind"),
    )

    id: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str]
    full_name: Mapped[str]
    kind: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    spelling_variant: Mapped[str | None]
    former_names: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")
    phone: Mapped[str | None]  # the number a learner may call; shown in texts and on cards
    search: Mapped[str]


class Neighbourhood(Base):
    """A thôn or tổ dân phố, from the ward's own free list. `name_key` is the folded, normalised name."""

    __tablename__ = "neighbourhood"
    __table_args__ = (
        UniqueConstraint("ward_id", "name_key"),
        UniqueConstraint("ward_id", "id"),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    name: Mapped[str]
    name_key: Mapped[str]


class Venue(Base):
    """A house of culture, school, hall… with one or more rooms. Closed, never deleted."""

    __tablename__ = "venue"
    __table_args__ = (
        UniqueConstraint("ward_id", "id"),
        Index("uq_venue_open_name", "ward_id", "name_key", unique=True, postgresql_where="closed_at IS NULL"),
        ForeignKeyConstraint(["ward_id", "neighbourhood_id"], ["neighbourhood.ward_id", "neighbourhood.id"]),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    name: Mapped[str]
    name_key: Mapped[str]
    address: Mapped[str]
    landmark: Mapped[str] = mapped_column(server_default="")
    neighbourhood_id: Mapped[int | None]
    closed_at: Mapped[Instant | None]


class Room(Base):
    """A place inside a venue that holds one class at a time."""

    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("ward_id", "id"),
        Index("uq_room_open_name", "venue_id", "name_key", unique=True, postgresql_where="closed_at IS NULL"),
        ForeignKeyConstraint(["ward_id", "venue_id"], ["venue.ward_id", "venue.id"]),
        CheckConstraint("seats BETWEEN 1 AND 2000", name="seats"),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId]
    venue_id: Mapped[int]
    name: Mapped[str]
    name_key: Mapped[str]
    seats: Mapped[int]
    has_power: Mapped[bool] = mapped_column(server_default="true")
    has_wifi: Mapped[bool] = mapped_column(server_default="false")
    has_projector: Mapped[bool] = mapped_column(server_default="false")
    closed_at: Mapped[Instant | None]

    venue: Mapped[Venue] = relationship(lazy="raise", viewonly=True)


class Market(Base):
    """A market. Its ward may still be unknown: the seed list is for ward officers to correct."""

    __tablename__ = "market"
    __table_args__ = (
        UniqueConstraint("ward_id", "id"),
        UniqueConstraint("name_key", "ward_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId | None] = mapped_column(ForeignKey("ward.id"))
    name: Mapped[str]
    name_key: Mapped[str]
    former_ward: Mapped[str] = mapped_column(server_default="")
    verified: Mapped[bool] = mapped_column(server_default="false")
    closed_at: Mapped[Instant | None]


class Aisle(Base):
    """An aisle of a market, by the name people use: "Đường số 9", "Lô bạ", "Cổng chính"."""

    __tablename__ = "aisle"
    __table_args__ = (
        UniqueConstraint("market_id", "name_key"),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[Id]
    market_id: Mapped[int] = mapped_column(ForeignKey("market.id"))
    name: Mapped[str]
    name_key: Mapped[str]
    position: Mapped[int]
