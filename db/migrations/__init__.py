"""Migrations of the schema, from the first table on; run by `db.migrate.upgrade`."""
