"""Health of each SMS provider, shared by all workers and shown to staff."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Instant

HEALTH = ("good", "slow", "down")


class GatewayState(Base):
    """One provider as the workers see it.

    `closed_until`: suspended until then (429 with Retry-After). `next_free_at`: up to when its rate is
    reserved, by any worker. `probe_at`: when an unhealthy one is tried next. `seen_at`: when a worker last
    served it. `why` is a short code.
    """

    __tablename__ = "gateway_state"
    __table_args__ = (CheckConstraint(f"health IN {HEALTH}", name="health"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    health: Mapped[str] = mapped_column(server_default="good")
    health_since: Mapped[Instant]
    why: Mapped[str] = mapped_column(server_default="")
    closed_until: Mapped[Instant | None]
    next_free_at: Mapped[Instant | None]
    probe_at: Mapped[Instant | None]
    seen_at: Mapped[Instant]
