"""The first tables, and the triggers that make the log append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.migrations.append_only import protect, unprotect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_APPEND_ONLY = ("entry", "checkpoint", "tile", "refused")


def upgrade() -> None:  # noqa: PLR0915 -- one statement a table
    """Bring the schema forward."""
    op.create_table(
        "access_log",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at_ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_log"),
    )
    op.create_index("ix_access_log_person", "access_log", ["person"], unique=False)
    op.create_index("ix_access_log_subject", "access_log", ["subject"], unique=False)
    op.create_table(
        "agency",
        sa.Column("code", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("office", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_agency"),
    )
    op.create_table(
        "certificate",
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.LargeBinary(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("offices", sa.Text(), nullable=False),
        sa.Column("agency", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("secrecy_max", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("not_before_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("not_after_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("kid4", sa.LargeBinary(), nullable=False),
        sa.Column("revoked_idx", _BIG, autoincrement=False, nullable=True),
        sa.Column("compromised_ms", _BIG, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("idx", name="pk_certificate"),
    )
    op.create_index("ix_certificate_kid", "certificate", ["kid"], unique=False)
    op.create_index("ix_certificate_kid4", "certificate", ["kid4"], unique=False)
    op.create_index("ix_certificate_person", "certificate", ["person"], unique=False)
    op.create_table(
        "checkpoint",
        sa.Column("size", _BIG, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("time_ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoint"),
    )
    op.create_table(
        "contact",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("agency", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("duty", sa.Text(), nullable=True),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
    )
    op.create_index("ix_contact_agency", "contact", ["agency"], unique=False)
    op.create_table(
        "device_entry",
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("dseq", _BIG, autoincrement=False, nullable=False),
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kid", "dseq", "idx", name="pk_device_entry"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "device_request",
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.LargeBinary(), nullable=True),
        sa.Column("created_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("decided_ms", _BIG, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("kid", name="pk_device_request"),
    )
    op.create_index("ix_device_request_person", "device_request", ["person"], unique=False)
    op.create_index("ix_device_request_status", "device_request", ["status"], unique=False)
    op.create_table(
        "draft",
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("instance", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("created_by", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("uid", "instance", name="pk_draft"),
    )
    op.create_index("ix_draft_number", "draft", ["number"], unique=False)
    op.create_table(
        "entry",
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("type", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("t_claim", _BIG, autoincrement=False, nullable=False),
        sa.Column("t_int", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("idx", name="pk_entry"),
        sa.UniqueConstraint("id", name="uq_entry_id"),
    )
    op.create_index(
        "ix_entry_type_idx",
        "entry",
        ["type", "idx"],
        unique=False,
        sqlite_where=sa.text("type >= 64"),
        postgresql_where=sa.text("type >= 64"),
    )
    op.create_table(
        "finding",
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("resolved_idx", _BIG, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("uid", "n", name="pk_finding"),
    )
    op.create_index("ix_finding_code_idx", "finding", ["code", "idx"], unique=False)
    op.create_index("ix_finding_idx", "finding", ["idx"], unique=False)
    op.create_table(
        "item",
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("custodian", sa.LargeBinary(), nullable=True),
        sa.Column("offeree", sa.LargeBinary(), nullable=True),
        sa.Column("offeree_code", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("offer_id", sa.LargeBinary(), nullable=True),
        sa.Column("offered_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("offer_expires_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("is_returning", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label_digest", sa.LargeBinary(), nullable=True),
        sa.Column("seal_commitment", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("secrecy", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("urgency", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("due_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("sender", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("recipient", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("only_named", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("issuer", sa.LargeBinary(), nullable=True),
        sa.Column("office", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("held", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("registered_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("moved_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("last_idx", _BIG, autoincrement=False, nullable=False),
        sa.Column("last_ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("uid", name="pk_item"),
    )
    op.create_index("ix_item_custodian", "item", ["custodian"], unique=False)
    op.create_index("ix_item_last_ms", "item", ["last_ms"], unique=False)
    op.create_index("ix_item_number", "item", ["number"], unique=False)
    op.create_index("ix_item_offeree", "item", ["offeree"], unique=False)
    op.create_index("ix_item_state_moved_ms", "item", ["state", "moved_ms"], unique=False)
    op.create_index("ix_item_verdict_last_ms", "item", ["verdict", "last_ms"], unique=False)
    op.create_table(
        "item_entry",
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("seq", _BIG, autoincrement=False, nullable=False),
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("uid", "seq", "idx", name="pk_item_entry"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", _BIG, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_state"),
    )
    op.create_table(
        "number_counter",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("next_serial", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("service", "country", name="pk_number_counter"),
    )
    op.create_table(
        "office",
        sa.Column("code", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name="pk_office"),
    )
    op.create_table(
        "org",
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", _BIG, autoincrement=False, nullable=False),
        sa.Column("not_before_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("not_after_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("idx", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_org"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "person",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("office", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("agency", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("locked_until_ms", _BIG, autoincrement=False, nullable=True),
        sa.Column("created_ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("login", name="uq_person_login"),
    )
    op.create_index("ix_person_agency", "person", ["agency"], unique=False)
    op.create_index("ix_person_office", "person", ["office"], unique=False)
    op.create_table(
        "print_log",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("instance", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_print_log"),
    )
    op.create_index("ix_print_log_uid", "print_log", ["uid"], unique=False)
    op.create_table(
        "refused",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=True),
        sa.Column("uid", sa.LargeBinary(), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("at_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refused"),
    )
    op.create_index("ix_refused_at_ms", "refused", ["at_ms"], unique=False)
    op.create_index("ix_refused_uid", "refused", ["uid"], unique=False)
    op.create_table(
        "scan_attempt",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=True),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("kid", sa.LargeBinary(), nullable=True),
        sa.Column("at_ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scan_attempt"),
    )
    op.create_index("ix_scan_attempt_outcome_at_ms", "scan_attempt", ["outcome", "at_ms"], unique=False)
    op.create_index("ix_scan_attempt_uid", "scan_attempt", ["uid"], unique=False)
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("created_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("seen_ms", _BIG, autoincrement=False, nullable=False),
        sa.Column("expires_ms", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_session"),
    )
    op.create_index("ix_session_person", "session", ["person"], unique=False)
    op.create_table(
        "setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_setting"),
    )
    op.create_table(
        "tile",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", _BIG, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "n", name="pk_tile"),
        sqlite_with_rowid=False,
    )
    for table in _APPEND_ONLY:
        protect(table)


def downgrade() -> None:  # noqa: PLR0915 -- one statement a table
    """Take the schema back."""
    for table in _APPEND_ONLY:
        unprotect(table)
    op.drop_table("tile")
    op.drop_table("setting")
    op.drop_index("ix_session_person", table_name="session")
    op.drop_table("session")
    op.drop_index("ix_scan_attempt_uid", table_name="scan_attempt")
    op.drop_index("ix_scan_attempt_outcome_at_ms", table_name="scan_attempt")
    op.drop_table("scan_attempt")
    op.drop_index("ix_refused_uid", table_name="refused")
    op.drop_index("ix_refused_at_ms", table_name="refused")
    op.drop_table("refused")
    op.drop_index("ix_print_log_uid", table_name="print_log")
    op.drop_table("print_log")
    op.drop_index("ix_person_office", table_name="person")
    op.drop_index("ix_person_agency", table_name="person")
    op.drop_table("person")
    op.drop_table("org")
    op.drop_table("office")
    op.drop_table("number_counter")
    op.drop_table("log_state")
    op.drop_table("item_entry")
    op.drop_index("ix_item_verdict_last_ms", table_name="item")
    op.drop_index("ix_item_state_moved_ms", table_name="item")
    op.drop_index("ix_item_offeree", table_name="item")
    op.drop_index("ix_item_number", table_name="item")
    op.drop_index("ix_item_last_ms", table_name="item")
    op.drop_index("ix_item_custodian", table_name="item")
    op.drop_table("item")
    op.drop_index("ix_finding_idx", table_name="finding")
    op.drop_index("ix_finding_code_idx", table_name="finding")
    op.drop_table("finding")
    op.drop_index(
        "ix_entry_type_idx",
        table_name="entry",
        sqlite_where=sa.text("type >= 64"),
        postgresql_where=sa.text("type >= 64"),
    )
    op.drop_table("entry")
    op.drop_index("ix_draft_number", table_name="draft")
    op.drop_table("draft")
    op.drop_index("ix_device_request_status", table_name="device_request")
    op.drop_index("ix_device_request_person", table_name="device_request")
    op.drop_table("device_request")
    op.drop_table("device_entry")
    op.drop_index("ix_contact_agency", table_name="contact")
    op.drop_table("contact")
    op.drop_table("checkpoint")
    op.drop_index("ix_certificate_person", table_name="certificate")
    op.drop_index("ix_certificate_kid4", table_name="certificate")
    op.drop_index("ix_certificate_kid", table_name="certificate")
    op.drop_table("certificate")
    op.drop_table("agency")
    op.drop_index("ix_access_log_subject", table_name="access_log")
    op.drop_index("ix_access_log_person", table_name="access_log")
    op.drop_table("access_log")
