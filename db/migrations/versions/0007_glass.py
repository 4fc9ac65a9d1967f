"""Signatures on a courier's screen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "glass",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("drawing", sa.Text(), nullable=False),
        sa.Column("kept_by", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_glass"),
    )
    op.create_index("ix_glass_uid", "glass", ["uid"], unique=False)


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_glass_uid", table_name="glass")
    op.drop_table("glass")
