"""What plan sheets said of the series made from them."""

from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Instant, WardId


class SheetSeries(Base):
    """A series and the row of a plan sheet it was made from.

    Attributes:
        texts: `PlanRow.key` of that row. facts: `facts_of` the series when it was read, or when a later sheet
            was found to say the same.
    """

    __tablename__ = "sheet_series"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "series_id"], ["series.ward_id", "series.id"]),
        Index("ix_sheet_series_ward_id", "ward_id"),
    )

    series_id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    texts: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    read_at: Mapped[Instant]
