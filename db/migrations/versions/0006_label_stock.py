"""Labels printed in advance, per office."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "label_stock",
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("office", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("created_by", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("void_by", sa.LargeBinary(), nullable=True),
        sa.Column("void_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("uid", name="pk_label_stock"),
        sa.UniqueConstraint("number", name="uq_label_stock_number"),
    )
    op.create_index("ix_label_stock_office_created_ms", "label_stock", ["office", "created_ms"], unique=False)
    op.create_index("ix_label_stock_batch", "label_stock", ["batch"], unique=False)


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_label_stock_batch", table_name="label_stock")
    op.drop_index("ix_label_stock_office_created_ms", table_name="label_stock")
    op.drop_table("label_stock")
