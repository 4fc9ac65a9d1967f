"""The views by which entries are found, each a function of single entries: by item, device, container, number, seal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from custody.event import Entry
from custody.network import Network
from db import schema
from db.chains import stay_rows
from db.devices import device_rows
from db.watch import trace_rows

__all__ = ["LINKS", "SUMMED", "item_rows"]


def item_rows(entry: Entry) -> list[dict[str, Any]]:
    """Return the rows of `item_entry`: one for each item the entry names."""
    return [{"uid": ref.uid, "seq": ref.seq, "idx": entry.index} for ref in entry.event.items]


_Rows = Callable[[Entry, Network], list[dict[str, Any]]]

SUMMED: Final[dict[sa.Table, _Rows]] = {
    schema.device_entry: lambda entry, _network: device_rows(entry),
    schema.stay: lambda entry, _network: stay_rows(entry),
    schema.trace: trace_rows,
}
"""View -> the rows of it that an entry amounts to, under the keys as of its index; the audit adds them up."""

LINKS: Final[dict[sa.Table, _Rows]] = {
    schema.item_entry: lambda entry, _network: item_rows(entry),
    **SUMMED,
}
"""All of them."""
