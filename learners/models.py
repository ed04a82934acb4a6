"""Learners and their consents."""

import uuid
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lopso.kernel.db import Base, Id, Instant, WardId
from venues.models import Neighbourhood

AUDIENCES = ("elderly", "trader", "farmer", "official", "pupil_student", "worker", "disadvantaged", "other")
"""Kinds of learner in wards' lists; several may apply to one person."""

_LAST, _LAST_BUT_ONE, _LAST_BUT_TWO = (
    f"split_part(name_key, ' '::text, '-{place}'::integer)" for place in (1, 2, 3)
)
SEARCH_KEYS = {
    "given_name_first": f"(({_LAST} || ' '::text) || name_key)",
    "last_two_words": f"(({_LAST_BUT_ONE} || ' '::text) || {_LAST})",
    "last_three_words": f"(((({_LAST_BUT_TWO} || ' '::text) || {_LAST_BUT_ONE}) || ' '::text) || {_LAST})",
    "last_digits": "reverse(phone)",
}
"""SQL: names from the given name ("hoa le thi hoa"), as people are called for short ("thi hoa"), numbers from
their end. Each has an index by ward.

Written as PostgreSQL shows them, so that the chain of migrations can be compared.
"""

_AUDIENCES = ", ".join(f"'{each}'" for each in AUDIENCES)


class Learner(Base):
    """Somebody who comes to class; needs no account, often shares a phone with the family.

    `name_key` is the folded name, `sort_key` orders by given name in Vietnamese order. `search`
    holds the folded words of the name, the digits of the phone and the ward as ``w<code>``, so that
    one GIN index answers "this name in this ward" at a million rows. No ID number, no health data:
    the law and the domain forbid them.
    """

    __tablename__ = "learner"
    __table_args__ = (
        UniqueConstraint("ward_id", "id"),
        ForeignKeyConstraint(["ward_id", "neighbourhood_id"], ["neighbourhood.ward_id", "neighbourhood.id"]),
        CheckConstraint("full_name <> ''", name="named"),
        CheckConstraint("birth_year BETWEEN 1900 AND 2100", name="birth_year"),
        CheckConstraint("sex IN ('female', 'male')", name="sex"),
        CheckConstraint(r"phone ~ '^\+[0-9]{8,15}$'", name="phone_e164"),
        CheckConstraint(f"audiences <@ ARRAY[{_AUDIENCES}]::text[]", name="audiences"),
        CheckConstraint("phone_kind IN ('mobile', 'landline', 'none')", name="phone_kind"),
        CheckConstraint("(phone IS NULL) = (phone_kind = 'none')", name="phone_kind_told"),
        Index(
            "ix_learner_ward_id_sort_key", "ward_id", "sort_key", "id", postgresql_where="archived_at IS NULL"
        ),
        # Ranges of beginnings, whatever the collation of the database: `~>=~`, `~<~`, ORDER BY … USING ~<~.
        Index(
            "ix_learner_ward_id_name_key",
            "ward_id",
            "name_key",
            postgresql_ops={"name_key": "text_pattern_ops"},
        ),
        Index("ix_learner_ward_id_phone", "ward_id", "phone", postgresql_ops={"phone": "text_pattern_ops"}),
        *(
            Index(
                f"ix_learner_{name}",
                "ward_id",
                literal_column(key, TEXT()).label(name),
                postgresql_ops={name: "text_pattern_ops"},
                postgresql_where="archived_at IS NULL",
            )
            for name, key in SEARCH_KEYS.items()
        ),
        Index("ix_learner_search", "search", postgresql_using="gin"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    full_name: Mapped[str]
    title: Mapped[str] = mapped_column(server_default="")  # Ông, Bà, O… as the family writes it
    name_key: Mapped[str]
    sort_key: Mapped[str] = mapped_column(TEXT(collation="C"))
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)
    sex: Mapped[str | None]
    phone: Mapped[str | None]
    phone_kind: Mapped[str] = mapped_column(server_default="none")
    phone_note: Mapped[str] = mapped_column(server_default="")  # second number, whose phone it is
    email: Mapped[str | None]
    neighbourhood_id: Mapped[int | None]
    audiences: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    device: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    registered_at: Mapped[Instant]
    archived_at: Mapped[Instant | None]
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "to_tsvector('simple', name_key || ' w' || ward_id || ' ' "
            "|| coalesce('0' || substr(phone, 4) || ' ' || right(phone, 4), ''))",
            persisted=True,
        ),
        deferred=True,
    )

    neighbourhood: Mapped[Neighbourhood | None] = relationship(lazy="raise", viewonly=True)


class Consent(Base):
    """A consent of a learner (or a guardian): purpose, when, how collected. Withdrawn, never deleted.

    Attributes:
        granted_at: when it was given, as far as it is known: noon where only the day is.
        round_id: what was noted at once for many people has one.
        voided_at: when it turned out to be noted in error; it counts as never asked then.
    """

    __tablename__ = "consent"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "learner_id"], ["learner.ward_id", "learner.id"]),
        CheckConstraint("purpose IN ('class', 'sms', 'photo', 'invitation')", name="purpose"),
        CheckConstraint("how IN ('paper', 'spoken', 'import', 'page')", name="how"),
        CheckConstraint("voided_at IS NULL OR withdrawn_at IS NOT NULL", name="voided_is_withdrawn"),
        Index(
            "uq_consent_standing",
            "learner_id",
            "purpose",
            unique=True,
            postgresql_where="withdrawn_at IS NULL",
        ),
        Index("ix_consent_learner_id", "learner_id"),
        Index("ix_consent_round_id", "round_id", postgresql_where="round_id IS NOT NULL"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId]
    learner_id: Mapped[int]
    purpose: Mapped[str]
    text_version: Mapped[str]
    legal_basis: Mapped[str]
    how: Mapped[str]
    evidence: Mapped[str] = mapped_column(server_default="")
    collected_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    granted_at: Mapped[Instant]
    withdrawn_at: Mapped[Instant | None]
    round_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    voided_at: Mapped[Instant | None]
