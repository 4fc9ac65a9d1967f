"""The log and its views in SQL: SQLite in one file at a desk, PostgreSQL where one machine is not enough.

The log (entry, checkpoint, tile) is evidence and append-only. The views are rebuilt from it by one command
and compared with it by the audit. The side tables hold names and can be erased; nothing in them decides a
verdict.
"""
