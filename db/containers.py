"""What the views say of containers: which one something is in, and what was put into one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from custody.containers import manifest_leaf
from custody.event import EventType, Field, ItemRef, parse_event
from db import schema
from db.engine import reading

__all__ = ["Content", "Loaded", "contents", "differences", "loaded_in", "number_of"]

_item, _stay, _entry = schema.item, schema.stay, schema.entry


@dataclass(frozen=True, slots=True)
class Content:
    """One thing that was put into a container: its number, and whether it still is inside."""

    number: str
    is_inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Something that is in a container now, with all that taking it out needs.

    Attributes:
        number: S10.
        ref: where it stood in its own chain when it went in: uid, position and predecessor of its LOAD.
        leaf: [position, salt16, [hash32...]] of its LOAD.
        seq: position of the head of its chain.
        head: 32-byte id of that.
        instance: of its label.
        label_digest: of the label that counts, 16 bytes, or None.
        secrecy: its mark.
    """

    number: str
    ref: ItemRef
    leaf: tuple[int, bytes, tuple[bytes, ...]]
    seq: int
    head: bytes
    instance: int
    label_digest: bytes | None
    secrecy: int


def number_of(engine: sa.Engine, container: bytes | None) -> str:
    """Return a container's number, or "" where there is none."""
    if container is None:
        return ""
    with reading(engine) as conn:
        return conn.execute(sa.select(_item.c.number).where(_item.c.uid == container)).scalar() or ""


def contents(engine: sa.Engine, container: bytes) -> list[Content]:
    """Return what was ever loaded into a container, by number."""
    loaded = sa.select(_stay.c.uid).where(_stay.c.container == container)
    query = sa.select(_item.c.number, _item.c.container).where(_item.c.uid.in_(loaded))
    with reading(engine) as conn:
        rows = conn.execute(query.order_by(_item.c.number)).all()
    return [Content(row.number, row.container == container) for row in rows]


def loaded_in(engine: sa.Engine, container: bytes) -> list[Loaded]:
    """Return what is in a container now, in the order of its manifest."""
    query = (
        sa.select(_item, _entry.c.body)
        .join(_stay, _stay.c.uid == _item.c.uid)
        .join(_entry, _entry.c.idx == _stay.c.idx)
        .where(_stay.c.container == container, _item.c.container == container)
        .where(_entry.c.type == EventType.LOAD)
        .order_by(_stay.c.idx)
    )
    with reading(engine) as conn:
        rows = conn.execute(query).mappings().all()
    newest = {row["uid"]: _loaded(row) for row in rows}
    return sorted((one for one in newest.values() if one), key=lambda one: one.leaf[0])


def _loaded(row: sa.RowMapping) -> Loaded | None:
    event = parse_event(row["body"])
    ref = event.item(row["uid"])
    if ref is None:
        return None
    position, salt, path = event.fields[Field.LEAF]
    return Loaded(
        number=row["number"],
        ref=ref,
        leaf=(position, salt, tuple(path)),
        seq=row["seq"],
        head=row["head"],
        instance=row["instance"],
        label_digest=row["label_digest"],
        secrecy=row["secrecy"] or 0,
    )


def differences(
    engine: sa.Engine, container: bytes, missing: Collection[bytes]
) -> tuple[list[str], list[str]]:
    """Say what was found of a container when it was opened.

    Args:
        engine: of the database.
        container: its uid, 8 bytes.
        missing: the leaves that its OPEN names as missing, 32 bytes each.

    Returns:
        Numbers of the things that were missing, and of those taken out of it that nobody had put in.
    """
    query = (
        sa.select(_item.c.number, _item.c.uid, _entry.c.type, _entry.c.body)
        .join(_stay, _stay.c.uid == _item.c.uid)
        .join(_entry, _entry.c.idx == _stay.c.idx)
        .where(_stay.c.container == container)
        .order_by(_stay.c.idx)
    )
    put_in: set[str] = set()
    gone: list[str] = []
    surplus: list[str] = []
    with reading(engine) as conn:
        rows = conn.execute(query).mappings().all()
    for row in rows:
        event = parse_event(row["body"])
        ref = event.item(row["uid"])
        if row["type"] != EventType.LOAD:
            surplus += [row["number"]] if row["number"] not in put_in else []
        elif ref is not None:
            put_in.add(row["number"])
            gone += [row["number"]] if manifest_leaf(ref, event.fields[Field.LEAF][1]) in missing else []
    return gone, surplus
