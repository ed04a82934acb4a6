"""Changes of series, as they have to be known to be undone."""

from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant, WardId


class SeriesChange(Base):
    """One act that changed sessions of a series, and perhaps split it.

    `rules`: for each series whose rule it changed, the rule before (null where the act made the series) and
    after, as `scheduling.queries.series_state` writes them.
    """

    __tablename__ = "series_change"
    __table_args__ = (
        UniqueConstraint("ward_id", "id"),
        ForeignKeyConstraint(["ward_id", "series_id"], ["series.ward_id", "series.id"], ondelete="CASCADE"),
        Index("ix_series_change_ward_id_series_id", "ward_id", "series_id"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId]
    series_id: Mapped[int]
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    changed_at: Mapped[Instant]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    undone_at: Mapped[Instant | None]


class SeriesChangeSession(Base):
    """A session of a change of series, as it was before and after. Goes with a draft that is deleted."""

    __tablename__ = "series_change_session"
    __table_args__ = (
        ForeignKeyConstraint(
            ["ward_id", "change_id"], ["series_change.ward_id", "series_change.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["ward_id", "session_id"], ["class_session.ward_id", "class_session.id"], ondelete="CASCADE"
        ),
        Index("ix_series_change_session_session_id", "session_id"),
    )

    change_id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[WardId]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
