"""Phone calls: whom staff told of a session themselves, because no text reached them."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant


class PhoneCall(Base):
    """A learner or a helper knows of a session as it stood in `session_version`.

    When the session is moved or cancelled afterwards they are to be called again. One noted by mistake is
    deleted; the audit trail keeps both.
    """

    __tablename__ = "phone_call"
    __table_args__ = (
        CheckConstraint("num_nonnulls(learner_id, trainer_id) = 1", name="one_person"),
        *(
            Index(
                f"uq_phone_call_{person}",
                "session_id",
                "session_version",
                person,
                unique=True,
                postgresql_where=text(f"{person} IS NOT NULL"),
            )
            for person in ("learner_id", "trainer_id")
        ),
    )

    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("class_session.id"))
    session_version: Mapped[int]
    learner_id: Mapped[int | None] = mapped_column(ForeignKey("learner.id"))
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("trainer.id"))
    noted_at: Mapped[Instant]
    noted_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
