"""What a quorum of witnesses is worth: in a dossier, in the audit, and with a key of another kind."""

from __future__ import annotations

import json

import sqlalchemy as sa
from click.testing import CliRunner

import tram
from benchmarks.load import Load
from custody.note import ED25519, MLDSA44, NoteKey
from custody.quorum import parse_policy
from custody.verify import STEPS, Trust, verify_dossier
from custody.witness import Signer
from db.audit import audit
from db.dossier import dossier_of
from db.engine import is_sqlite, reading
from db.keystore import SECOND
from db.schema import cosignature
from db.site import Site
from db.witness_feed import POLICY_NAME, feed_of
from tests.db.witnesses import Net, feed, net

__all__ = ["net"]


def test_a_dossier_carries_the_quorum(site: Site, load: Load, net: Net) -> None:
    """Step 9: who demands witnesses finds them in the file; M03 where what is new is not cosigned yet."""
    fed = feed(site, net, "a", "b")
    item = load.item()
    site.ledger.append([load.register(item)])
    fed.submit()
    site.ledger.append(load.chain(1))  # of others: the newest checkpoint is not cosigned
    strange = parse_policy(f"witness z {Signer('z.example', bytes(32)).key.vkey}\nquorum z\n".encode())

    held = verify_dossier(dossier_of(site, item.uid), Trust(policy=fed.policy))
    assert ("", 9, len(held.steps)) == (held.failure, held.passed, 9)
    assert held.cosigned is not None
    assert set(held.cosigned[1]) == {"a", "b"}
    plain = verify_dossier(dossier_of(site, item.uid))
    assert (plain.passed, plain.steps, plain.cosigned) == (8, STEPS, None)
    missed = verify_dossier(dossier_of(site, item.uid), Trust(policy=strange))
    assert (missed.passed, missed.finding) == (8, "M03")

    site.ledger.append([load.offer(item, 1)])
    late = verify_dossier(dossier_of(site, item.uid), Trust(policy=fed.policy))
    assert (late.passed, late.finding) == (8, "M03")
    fed.submit()
    again = verify_dossier(dossier_of(site, item.uid), Trust(policy=fed.policy))
    assert again.cosigned is not None
    assert again.cosigned[0] == site.ledger.newest().size


def test_a_policy_of_another_log_does_not_hold_for_the_file(site: Site, load: Load, net: Net) -> None:
    """Step 2: a reader's policy that names logs is what he trusts."""
    fed = feed(site, net, "a")
    item = load.item()
    site.ledger.append([load.register(item)])
    fed.submit()
    data, lines = dossier_of(site, item.uid), (site.data / POLICY_NAME).read_text()
    for key, passed in ((site.log_keys.log.vkey, 9), (NoteKey("x.example", ED25519, bytes(32)).vkey, 1)):
        report = verify_dossier(data, Trust(policy=parse_policy(f"log {key}\n{lines}".encode())))
        assert report.passed == passed
        assert ("log key" in report.compared) == (passed == 9)


def test_the_audit_asks_for_the_quorum(site: Site, load: Load, net: Net) -> None:
    """M03 by an auditor's own policy: entries that wait longer than a few rounds, not the newest ones."""
    fed = feed(site, net, "a", "b")
    fed.submit()
    site.ledger.append(load.chain(1))
    assert audit(site.engine, site.log_keys, policy=fed.policy).holds
    for _ in range(400):  # the clock goes on by a second at every look
        site.now()
    site.ledger.append(load.chain(1))

    found = audit(site.engine, site.log_keys, policy=fed.policy).problems
    assert [(p.table, p.row, p.code) for p in found] == [("cosignature", "quorum", "M03")]
    assert audit(site.engine, site.log_keys, policy=parse_policy(b"quorum none\n")).holds
    fed.submit()
    assert audit(site.engine, site.log_keys, policy=fed.policy).holds


def test_the_logs_second_key_cosigns_every_hour(site: Site, load: Load) -> None:
    """A reader who no longer believes Ed25519 of witnesses demands ML-DSA-44: a quorum like any other."""
    site.keys.write(SECOND, bytes(range(32)))
    fed = feed_of(site)
    assert fed.second is not None
    assert fed.submit() == []
    item = load.item()
    site.ledger.append([load.register(item)])
    fed.submit()  # within the hour: no second line
    policy = parse_policy(f"witness pq {fed.second.key.vkey}\nquorum pq\n".encode())
    assert verify_dossier(dossier_of(site, item.uid), Trust(policy=policy)).finding == "M03"
    for _ in range(3_700):
        site.now()
    site.ledger.append(load.chain(1))
    fed.submit()

    report = verify_dossier(dossier_of(site, item.uid), Trust(policy=policy))
    assert (report.passed, report.failure) == (9, "")
    assert report.cosigned == (site.ledger.newest().size, {"pq": site.ledger.newest().time_ms // 1000})
    assert audit(site.engine, site.log_keys, policy=policy).holds
    with reading(site.engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(cosignature)).scalar() == 2


def test_the_second_key_is_made_by_a_command(site: Site) -> None:
    """Once; asked again it shows the same line for the readers' policies. The list of keys knows the file."""
    if not is_sqlite(site.engine):
        return  # the command takes the address from the command line; nothing here depends on the database
    asked = ["--data", str(site.data), "keys", "second", "--json"]
    lines = [json.loads(CliRunner().invoke(tram.tram, asked).output)["witness"] for _ in range(2)]
    policy = parse_policy(f"{lines[0]}\nquorum second\n".encode())

    assert lines[0] == lines[1]
    assert policy.witnesses["second"].key.kind == MLDSA44
    assert CliRunner().invoke(tram.tram, ["--data", str(site.data), "keys", "list"]).exit_code == 0
