"""What witnesses cosigned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.migrations.append_only import protect, unprotect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "cosignature",
        sa.Column("size", _BIG, autoincrement=False, nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("n", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("size", "witness", name="pk_cosignature"),
        sa.UniqueConstraint("n", name="uq_cosignature_n"),
        sqlite_with_rowid=False,
    )
    protect("cosignature")


def downgrade() -> None:
    """Take the schema back; witnesses cosign again what is asked of them next."""
    unprotect("cosignature")
    op.drop_table("cosignature")
