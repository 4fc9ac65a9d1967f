"""Looks, scans and prints become append-only; failed sign-ins by address; registrations that differ from their form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.migrations.append_only import protect, unprotect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_APPEND_ONLY = ("access_log", "scan_attempt", "print_log")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "mismatch",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("at_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("decided_by", sa.LargeBinary(), nullable=True),
        sa.Column("decided_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mismatch"),
    )
    op.create_index("ix_mismatch_uid", "mismatch", ["uid"], unique=False)
    op.create_index("ix_mismatch_decided_ms", "mismatch", ["decided_ms"], unique=False)
    op.create_table(
        "sign_in_failure",
        sa.Column("caller", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("locked_until_ms", _BIG, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("caller", name="pk_sign_in_failure"),
    )
    op.create_index("ix_sign_in_failure_since_ms", "sign_in_failure", ["since_ms"], unique=False)
    op.drop_column("person", "failures")
    op.drop_column("person", "locked_until_ms")
    for table in _APPEND_ONLY:
        protect(table)


def downgrade() -> None:
    """Take the schema back; nobody is locked out then."""
    for table in _APPEND_ONLY:
        unprotect(table)
    op.add_column("person", sa.Column("locked_until_ms", _BIG, autoincrement=False, nullable=True))
    op.add_column(
        "person", sa.Column("failures", sa.Integer(), autoincrement=False, nullable=False, server_default="0")
    )
    op.drop_index("ix_sign_in_failure_since_ms", table_name="sign_in_failure")
    op.drop_table("sign_in_failure")
    op.drop_index("ix_mismatch_decided_ms", table_name="mismatch")
    op.drop_index("ix_mismatch_uid", table_name="mismatch")
    op.drop_table("mismatch")
