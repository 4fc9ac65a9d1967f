"""Paper slips, numbered in advance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "slip",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("office", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("created_by", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("void_by", sa.LargeBinary(), nullable=True),
        sa.Column("void_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("uid", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("bound_by", sa.LargeBinary(), nullable=True),
        sa.Column("bound_ms", _BIG, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_slip"),
    )
    op.create_index("ix_slip_office_batch", "slip", ["office", "batch"], unique=False)
    op.create_index("ix_slip_uid", "slip", ["uid"], unique=False)


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_slip_uid", table_name="slip")
    op.drop_index("ix_slip_office_batch", table_name="slip")
    op.drop_table("slip")
