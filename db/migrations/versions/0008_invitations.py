"""Devices are set up from a supervisor's screen, and bear the day of their security check."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Bring the schema forward; of devices that are there nobody knows the day."""
    op.create_table(
        "invitation",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("expires_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("until_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("secrecy_max", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("checked_on", sa.Text(), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=True),
        sa.Column("public", sa.LargeBinary(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("digits", sa.Text(), nullable=True),
        sa.Column("ticket_hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name="pk_invitation"),
        sa.UniqueConstraint("ticket_hash", name="uq_invitation_ticket_hash"),
    )
    op.create_index("ix_invitation_created_by", "invitation", ["created_by"], unique=False)
    with op.batch_alter_table("device_request") as table:
        table.add_column(sa.Column("checked_on", sa.Text(), nullable=True))
        table.add_column(sa.Column("checked_by", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("device_request") as table:
        table.drop_column("checked_by")
        table.drop_column("checked_on")
    op.drop_index("ix_invitation_created_by", table_name="invitation")
    op.drop_table("invitation")
