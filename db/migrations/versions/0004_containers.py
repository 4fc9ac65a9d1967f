"""Containers: which item was loaded into which, and where it is now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Bring the schema forward; no container was closed before, so the new table begins empty."""
    op.create_table(
        "stay",
        sa.Column("container", sa.LargeBinary(), nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("container", "uid", "idx", name="pk_stay"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_stay_uid", "stay", ["uid"], unique=False)
    op.add_column("item", sa.Column("container", sa.LargeBinary(), nullable=True))
    op.add_column(
        "item",
        sa.Column("is_container", sa.Integer(), autoincrement=False, nullable=False, server_default="0"),
    )


def downgrade() -> None:
    """Take the schema back."""
    op.drop_column("item", "is_container")
    op.drop_column("item", "container")
    op.drop_index("ix_stay_uid", table_name="stay")
    op.drop_table("stay")
