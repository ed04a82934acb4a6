"""Venues."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ward",
        sa.Column("id", sa.String(length=5), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("spelling_variant", sa.Text(), nullable=True),
        sa.Column("former_names", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
        sa.CheckConstraint("id ~ '^[0-9]{5}$'", name=op.f("ck_ward_five_digits")),
        sa.CheckConstraint("kind IN ('phường', 'xã')", name=op.f("ck_ward_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ward")),
        sa.UniqueConstraint("slug", name=op.f("uq_ward_slug")),
    )
    op.create_table(
        "market",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("former_ward", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_market_named")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_market_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market")),
        sa.UniqueConstraint(
            "name_key", "ward_id", name=op.f("uq_market_name_key_ward_id"), postgresql_nulls_not_distinct=True
        ),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_market_ward_id_id")),
    )
    op.create_table(
        "neighbourhood",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_neighbourhood_named")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_neighbourhood_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_neighbourhood")),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_neighbourhood_ward_id_id")),
        sa.UniqueConstraint("ward_id", "name_key", name=op.f("uq_neighbourhood_ward_id_name_key")),
    )
    op.create_table(
        "aisle",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("market_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_aisle_named")),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_aisle_market_id_market")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aisle")),
        sa.UniqueConstraint("market_id", "name_key", name=op.f("uq_aisle_market_id_name_key")),
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("landmark", sa.Text(), server_default="", nullable=False),
        sa.Column("neighbourhood_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_venue_named")),
        sa.ForeignKeyConstraint(
            ["ward_id", "neighbourhood_id"],
            ["neighbourhood.ward_id", "neighbourhood.id"],
            name=op.f("fk_venue_ward_id_neighbourhood_id_neighbourhood"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_venue_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_venue_ward_id_id")),
    )
    op.create_index(
        "uq_venue_open_name",
        "venue",
        ["ward_id", "name_key"],
        unique=True,
        postgresql_where="closed_at IS NULL",
    )
    op.create_table(
        "room",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("venue_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=False),
        sa.Column("has_power", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("has_wifi", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("has_projector", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_room_named")),
        sa.CheckConstraint("seats BETWEEN 1 AND 2000", name=op.f("ck_room_seats")),
        sa.ForeignKeyConstraint(
            ["ward_id", "venue_id"],
            ["venue.ward_id", "venue.id"],
            name=op.f("fk_room_ward_id_venue_id_venue"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_room_ward_id_id")),
    )
    op.create_index(
        "uq_room_open_name",
        "room",
        ["venue_id", "name_key"],
        unique=True,
        postgresql_where="closed_at IS NULL",
    )


def downgrade() -> None:
    op.drop_table("room")
    op.drop_table("venue")
    op.drop_table("aisle")
    op.drop_table("neighbourhood")
    op.drop_table("market")
    op.drop_table("ward")
