"""The watch over the whole log: places of devices, traces of numbers and seals, and what rests on two entries.

Run `tram rebuild` afterwards (`tram migrate` does): the new columns say what the entries say.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Bring the schema forward; views begin empty."""
    op.drop_table("device_entry")
    op.create_table(
        "device_entry",
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("dseq", _BIG, autoincrement=False, nullable=False),
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kid", "dseq", "idx", name="pk_device_entry"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_device_entry_kid_prev", "device_entry", ["kid", "prev"], unique=False)
    op.create_table(
        "device",
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("places", _BIG, autoincrement=False, nullable=False),
        sa.Column("dseq", _BIG, autoincrement=False, nullable=False),
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.Column("ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kid", name="pk_device"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trace",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", "kind", "idx", name="pk_trace"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "accusation",
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("other", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("idx", "uid", "code", name="pk_accusation"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_accusation_uid", "accusation", ["uid"], unique=False)


def downgrade() -> None:
    """Take the schema back; run `tram rebuild` of the older version afterwards."""
    op.drop_index("ix_accusation_uid", table_name="accusation")
    op.drop_table("accusation")
    op.drop_table("trace")
    op.drop_table("device")
    op.drop_index("ix_device_entry_kid_prev", table_name="device_entry")
    op.drop_table("device_entry")
    op.create_table(
        "device_entry",
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("dseq", _BIG, autoincrement=False, nullable=False),
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kid", "dseq", "idx", name="pk_device_entry"),
        sqlite_with_rowid=False,
    )
