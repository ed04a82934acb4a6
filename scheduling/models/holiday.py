"""Days on which a class is planned only knowingly."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, WardId


class Holiday(Base):
    """A holiday or another day off. Holidays warn; they never forbid.

    `ward_id` null means the whole city. `tentative` marks a day that is computed but not yet decided
    (Tết of a coming year): pages say "dự kiến".
    """

    __tablename__ = "holiday"
    __table_args__ = (
        UniqueConstraint("day", "ward_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[Id]
    day: Mapped[date]
    ward_id: Mapped[WardId | None] = mapped_column(ForeignKey("ward.id"))
    name: Mapped[str]
    tentative: Mapped[bool] = mapped_column(server_default="false")
