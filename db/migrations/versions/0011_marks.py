"""The highest mark that a recipient may receive by their sign-in alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    mark = sa.Column("secrecy_max", sa.Integer(), autoincrement=False, nullable=False, server_default="0")
    op.add_column("person", mark)


def downgrade() -> None:
    """Take the schema back."""
    op.drop_column("person", "secrecy_max")
