"""The rows of one item in the views, made of its chain."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from custody.errors import NumberError
from custody.event import EventType, Field
from custody.item import Item
from custody.judge import Chain, Verdict
from custody.s10 import number_of_uid

__all__ = ["finding_rows", "is_shown", "item_row"]

_FACTS = {
    "kind": Field.KIND,
    "secrecy": Field.SECRECY,
    "urgency": Field.URGENCY,
    "due_ms": Field.DUE,
    "sender": Field.SENDER,
    "recipient": Field.RECIPIENT,
    "only_named": Field.ONLY_NAMED,
}


def item_row(chain: Chain) -> dict[str, Any]:
    """Return the row of `item` that a chain amounts to."""
    item, last = chain.item, chain.entries[-1]
    facts = item.registration.event.fields if item.registration else {}
    offer = item.offer
    offered: Any = offer.event.fields if offer else {}
    offeree, box = item.offeree, chain.box
    last_moves = [one.last.logged_ms for one in (item, box) if one and one.last]
    row = {
        "uid": item.uid,
        "number": _number(item.uid),
        "state": item.state.name,
        "seq": item.seq,
        "head": item.head,
        "custodian": item.custodian or None,
        "offeree": offeree if isinstance(offeree, bytes) else None,
        "offeree_code": offeree if isinstance(offeree, int) else None,
        "offer_id": offer.event.id if offer else None,
        "offered_ms": offer.logged_ms if offer else None,
        "offer_expires_ms": offer.event.claimed_ms + offered[Field.EXPIRY] * 1000 if offer else None,
        "is_returning": int(item.returning),
        "instance": item.instance,
        "label_digest": next((d for d, number in item.labels.items() if number == item.instance), None),
        "seal_commitment": item.seal_commitment or None,
        "issuer": item.registration.event.actor if item.registration else None,
        "office": _office(item),
        "container": item.container if box and not box.opened else None,
        "is_container": int(item.is_container),
        "verdict": _verdict(chain, last.logged_ms),
        "held": int(chain.held),
        "registered_ms": item.registration.logged_ms if item.registration else None,
        "moved_ms": max(last_moves) if last_moves else None,
        "last_idx": last.index,
        "last_ms": last.logged_ms,
    }
    row.update((name, facts.get(field)) for name, field in _FACTS.items())
    return row


def finding_rows(chain: Chain, start: int = 0) -> list[dict[str, Any]]:
    """Return the rows of `finding` from number *start* on; those of a container are the item's too."""
    return [
        {
            "uid": chain.item.uid,
            "n": n,
            "id": found.id,
            "code": found.code,
            "severity": found.severity.value,
            "idx": found.index,
            "detail": found.detail,
            "resolved_idx": found.resolved_by,
        }
        for n, found in enumerate(chain.findings[start:], start)
    ]


def is_shown(chain: Chain) -> bool:
    """Whether an item has rows in the views: it was registered, or a whole label was seen that calls itself so.

    Anybody with a key can name any uid in an event. Such entries are kept and judged, but make no item.
    """
    if chain.item.registration:
        return True
    return any(e.event.type is EventType.SIGHT and Field.LABEL_RAW in e.event.fields for e in chain.entries)


def _office(item: Item) -> int | None:
    """Say at which office an item is: never what an event that moved nothing says of its place.

    The place of the last step that counted, if it is one of the custodian's own offices, else the first of these.
    """
    if item.last is None:
        return None
    place = item.last.event.place
    if not item.offices:  # by two supervisors' decision, or with the addressee
        return place if item.last.event.type is EventType.OVERRIDE else None
    return place if place in item.offices else item.offices[0]


def _verdict(chain: Chain, now_ms: int) -> str:
    """Return the verdict as of the last entry; a chain without findings on which nobody waits is intact."""
    waiting = chain.item.offer or chain.item.last
    if not chain.findings and waiting and now_ms == waiting.logged_ms:
        return Verdict.INTACT.value
    return chain.judge(now_ms).verdict.value


@lru_cache(maxsize=8_192)
def _number(uid: bytes) -> str:
    try:
        return number_of_uid(uid)
    except NumberError:
        return ""
