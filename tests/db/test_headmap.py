"""The daily map: what is logged is what the log gives, and a false one is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.load import Load, interleave
from custody.event import EventType, Field, sign_event
from custody.headmap import prove, verify_absent, verify_present
from db.engine import reading
from db.headmaps import check_headmap, heads_at, heads_now, log_daily, log_headmap, newest_headmap
from db.site import Site
from kt1.clock import DAY_MS


def test_the_map_is_what_the_log_gives(site: Site, load: Load) -> None:
    """As of its size, whatever comes later; and a revocation that changes what counted does not make it false."""
    with reading(site.engine) as conn:
        assert check_headmap(conn) is None
    site.ledger.append(interleave(load.chains(5, hops=2)))
    log_headmap(site)
    item = load.item()
    site.ledger.append([load.register(item), *load.chain(1)])
    site.revoke(load.actors[1].kid, compromised_ms=1)
    with reading(site.engine) as conn:
        found = check_headmap(conn)
        assert found is not None
        entry, problem = found
        assert problem is None
        root, count = entry.event.fields[Field.HEADS]
        heads = heads_at(conn, entry.event.fields[Field.ANCHOR][0])
        assert len(heads) == count
        assert len(heads_now(conn)) > count
    verify_absent(prove(heads, item.uid), item.uid, root, count)
    assert verify_present(prove(heads, heads[0].uid), heads[0].uid, root, count) == heads[0]


def test_a_false_map_is_named(site: Site, load: Load) -> None:
    """M09: whoever has the log's key can sign any map, and anybody with the log sees through it."""
    site.ledger.append(load.chain(2))
    log_headmap(site)
    with reading(site.engine) as conn:
        honest = newest_headmap(conn)
    assert honest is not None
    root, count = honest.event.fields[Field.HEADS]
    size = honest.event.fields[Field.ANCHOR][0]
    for heads, anchor in (([bytes(32), count], size), ([root, count + 1], size), ([root, count], 10**6)):
        fields: dict[int, Any] = {
            Field.TYPE: int(EventType.HEADMAP),
            Field.NET: site.net,
            Field.T_CLAIM: site.now(),
            Field.NONCE: bytes(8),
            Field.HEADS: heads,
            Field.ANCHOR: [anchor, bytes(32)],
        }
        seed = site.ledger.signer.seed_of(site.log_keys.log.public)
        assert site.ledger.append([sign_event(fields, seed=seed)])[0].error is None
        with reading(site.engine) as conn:
            found = check_headmap(conn)
        assert found is not None
        assert found[1] is not None
        assert found[1].code == "M09"


def test_a_map_a_day(site: Site, load: Load) -> None:
    """The service asks every minute; a day must have passed since the last one."""
    assert log_daily(site) is None
    later = replace(site, now=lambda: site.ledger.newest().time_ms + DAY_MS)
    assert log_daily(later) is not None
    assert log_daily(site) is None
