"""Beginnings of names and numbers, ends of numbers, words of sessions: what the search in the header reads."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

LAST, LAST_BUT_ONE, LAST_BUT_TWO = (f"split_part(name_key, ' ', -{place})" for place in (1, 2, 3))
SEARCH_KEYS = {
    "given_name_first": f"(({LAST} || ' ') || name_key)",
    "last_two_words": f"({LAST_BUT_ONE} || ' ' || {LAST})",
    "last_three_words": f"({LAST_BUT_TWO} || ' ' || {LAST_BUT_ONE} || ' ' || {LAST})",
    "last_digits": "reverse(phone)",
}
WORDS = r"""
    regexp_replace(
        translate(
            regexp_replace(normalize(lower(title || ' ' || place), NFD), '[\u0300-\u036f]', '', 'g'), 'đĐ', 'dd'
        ),
        '[^a-z0-9]+', ' ', 'g'
    )
"""


def upgrade() -> None:
    for column in ("name_key", "phone"):
        name = f"ix_learner_ward_id_{column}"
        op.drop_index(name, table_name="learner")
        ops = {column: "text_pattern_ops"}
        op.create_index(name, "learner", ["ward_id", column], postgresql_ops=ops)
    for name, key in SEARCH_KEYS.items():
        op.create_index(
            f"ix_learner_{name}",
            "learner",
            ["ward_id", sa.literal_column(key).label(name)],
            postgresql_ops={name: "text_pattern_ops"},
            postgresql_where=sa.text("archived_at IS NULL"),
        )
    op.create_index(
        "ix_certificate_serial", "certificate", ["serial"], postgresql_ops={"serial": "text_pattern_ops"}
    )
    op.add_column(
        "class_session", sa.Column("words", sa.Text(), sa.Computed(WORDS, persisted=True), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("class_session", "words")
    op.drop_index("ix_certificate_serial", table_name="certificate")
    for name in SEARCH_KEYS:
        op.drop_index(f"ix_learner_{name}", table_name="learner")
    for column in ("name_key", "phone"):
        name = f"ix_learner_ward_id_{column}"
        op.drop_index(name, table_name="learner")
        op.create_index(name, "learner", ["ward_id", column])
