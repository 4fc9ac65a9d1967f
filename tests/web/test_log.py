"""The log as auditors read it: cosigned or not, with its proofs, and what the wall says when nobody has seen it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from flask import Flask

from custody import merkle
from custody.checkpoint import open_checkpoint, parse_checkpoint
from custody.cose_receipt import verify_cose_receipt
from custody.note import open_note, sign_note
from custody.quorum import parse_policy
from custody.receipt import verify_receipt
from custody.witness import Signer
from db.cosignatures import add_cosignature
from tests.web.conftest import Clock
from tests.web.hands import Hand, begin, json_of
from web.service import Service

Hands = Callable[[str], Hand]
WITNESS = Signer("w.example", hashlib.sha256(b"w").digest())
POLICY = f"witness w {WITNESS.key.vkey}\nquorum w\n".encode()


def cosign(service: Service) -> int:
    """Have the witness cosign the newest checkpoint; its size."""
    head = service.site.ledger.newest()
    line = sign_note(open_note(head.note).text, name=WITNESS.name, seed=WITNESS.seed, time_s=1_790_000_000)
    add_cosignature(service.engine, head.size, WITNESS.key, line)
    return head.size


def test_cosignatures_are_served(hand: Hands, app: Flask) -> None:
    """On the checkpoint that they are of; the newest one with a quorum has an address of its own."""
    service: Service = app.extensions["tram"]
    service.feed.policy = parse_policy(POLICY)
    client = hand("thanhtra1").client
    assert client.get("/log/cosigned").status_code == 404
    size = cosign(service)
    both = client.get("/log/checkpoint").text
    assert service.feed.policy.check(both) == {"w": 1_790_000_000}
    assert client.get("/log/cosigned").text == both
    begin(hand("giaodich1"))

    newest = client.get("/log/checkpoint").text
    assert service.feed.policy.cosigners(newest) == {}
    assert parse_checkpoint(open_note(newest).text).size > size
    assert client.get("/log/cosigned").text == both


def test_two_checkpoints_are_proven_consistent(hand: Hands, app: Flask) -> None:
    """What an auditor kept yesterday is a prefix of what is served today."""
    service: Service = app.extensions["tram"]
    client = hand("thanhtra1").client
    old, _ = open_checkpoint(client.get("/log/checkpoint").text, service.site.log_keys)
    begin(hand("giaodich1"))
    new, _ = open_checkpoint(client.get("/log/checkpoint").text, service.site.log_keys)
    text = client.get(f"/log/consistency?from={old.size}").text
    assert text == client.get(f"/log/consistency?from={old.size}&to={new.size}").text
    proof = [base64.b64decode(line) for line in text.splitlines()]

    merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)
    assert client.get("/log/consistency").text == ""
    for query, status in (
        (f"from={new.size + 1}&to={new.size + 2}", 404),
        ("from=2&to=1", 400),
        ("from=-1", 400),
        ("from=x", 400),
        ("from=01", 400),
    ):
        assert client.get(f"/log/consistency?{query}").status_code == status


def test_a_receipt_in_both_forms(hand: Hands, app: Flask) -> None:
    """tlog-proof, and RFC 9942 for who asks for it; both of the same entry under the same root."""
    service: Service = app.extensions["tram"]
    client, keys = hand("giaodich1").client, service.site.log_keys
    leaf = merkle.leaf_hash(service.site.ledger.bodies(3, 4)[0])
    index, head, _ = verify_receipt(client.get("/log/receipt/3").text, leaf, keys)
    for answer in (
        client.get("/log/receipt/3?form=cose"),
        client.get("/log/receipt/3", headers={"Accept": "application/cose"}),
    ):
        assert answer.mimetype == "application/cose"
        found = verify_cose_receipt(answer.data, leaf, keys.log.public, origin=service.site.origin)
        assert found == (index, head.size, head.root)
    assert client.get(f"/log/receipt/{head.size}").status_code == 404
    assert client.get(f"/log/receipt/{head.size}?form=cose").status_code == 404
    assert app.test_client().get("/log/receipt/3").status_code == 401


def test_the_wall_says_when_nobody_has_seen_the_log(hand: Hands, app: Flask, clock: Clock) -> None:
    """M03 and M10 on the wall and in the health; both go when it is cosigned, and none is there without witnesses."""
    service: Service = app.extensions["tram"]
    client = hand("kiemsoat1").client
    clock.now_ms += 2 * 3_600_000
    assert "g-log" not in client.get("/wall").text
    assert json_of(client.get("/healthz"))["witnesses"] == {
        "named": 0,
        "cosigned": 0,
        "quorum": 0,
        "findings": [],
    }
    service.feed.policy = parse_policy(POLICY)
    assert json_of(client.get("/healthz"))["witnesses"]["findings"] == ["M03", "M10"]
    assert "g-log" in client.get("/wall").text
    size = cosign(service)
    assert json_of(client.get("/healthz"))["witnesses"] == {
        "named": 1,
        "cosigned": size,
        "quorum": size,
        "findings": [],
    }
    assert "g-log" not in client.get("/wall").text
