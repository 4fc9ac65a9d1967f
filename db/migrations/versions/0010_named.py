"""Whom alone an item may be opened by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "named",
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("kept_by", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("uid", name="pk_named"),
    )
    op.create_index("ix_named_person", "named", ["person"], unique=False)


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_named_person", table_name="named")
    op.drop_table("named")
