"""The verification of a dossier, step by numbered step (the same numbers stand in docs/spec/dossier.md).

Rests on nothing but the file and, where the reader has them from paper, the fingerprints of root and log.
Does not check that nothing was left out: a later event of this item, an observation or the losing branch of a fork in
the middle, a POLICY, or the revocation of a key it rests on. Only the log itself can tell that (`tram audit`), and of
the newest step the day's HEADMAP; `NOT_PROVEN` says so to the reader.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from custody import merkle, note, s10
from custody.admission import admit, network_of, verify_event
from custody.checkpoint import Checkpoint, LogKeys, clock_name, open_checkpoint
from custody.dossier import Dossier, proof_text, unpack
from custody.errors import CustodyError, ProofError
from custody.event import Entry, Event, EventType, parse_event
from custody.judge import Judgement
from custody.keys import KeyRing
from custody.logkeys import change_of
from custody.network import Network
from custody.part import judge_part
from custody.quorum import TrustPolicy
from custody.receipt import verify_receipt

__all__ = ["NOT_PROVEN", "QUORUM_STEP", "STEPS", "Report", "Trust", "verify_dossier"]

STEPS = (
    "the file has the one form of a dossier",
    "the keys are named, and are those the reader trusts",
    "the newest checkpoint is signed by the log and its clock",
    "every older checkpoint is signed and a prefix of the newest",
    "every entry is in the log, at a signed time",
    "every entry is canonical, certified and signed",
    "the chain is judged",
    "the judgement is the one that was claimed",
)
QUORUM_STEP = "enough witnesses have cosigned a checkpoint that includes every entry"
"""Step 9, gone only where the reader asks for a quorum."""

NOT_PROVEN = (
    "that nothing was left out: no later event of this item, no sighting or inspection, no second story, no limit and "
    "no revocation of a key. Only the whole log as of the same checkpoint shows that (tram audit); the log's daily "
    "map of heads (HEADMAP) shows which step was the newest"
)


@dataclass(frozen=True, slots=True)
class Trust:
    """What the reader knows from elsewhere (paper).

    Attributes:
        log_key: vkey of the log, one that it ever had, or "" where unknown.
        roots: kids of the root keys, empty where unknown.
        policy: witnesses of whom a quorum must have cosigned, and perhaps the log's keys; None to ask for none.
    """

    log_key: str = ""
    roots: frozenset[bytes] = frozenset()
    policy: TrustPolicy | None = None


@dataclass(slots=True)
class Report:
    """What verification found.

    Attributes:
        passed: number of steps that hold, of `steps`.
        failure: what did not hold, or "".
        finding: code that the failure amounts to, or "".
        dossier: the parts, or None where step 1 failed.
        entries: the item's own entries.
        judgement: verdict and findings, or None where a step before failed.
        judged_at_ms: signed time of the newest checkpoint, as of which it was judged.
        compared: which of "log key", "root" and "quorum" were held against the reader's own.
        cosigned: (size, {witness: unix seconds}) of the checkpoint that a quorum has cosigned, or None.
    """

    passed: int = 0
    failure: str = ""
    finding: str = ""
    dossier: Dossier | None = None
    entries: list[Entry] = field(default_factory=list)
    judgement: Judgement | None = None
    judged_at_ms: int = 0
    compared: tuple[str, ...] = ()
    cosigned: tuple[int, dict[str, int]] | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of this verification: `STEPS`, and `QUORUM_STEP` where a quorum is asked for."""
        return (*STEPS, QUORUM_STEP) if "quorum" in self.compared else STEPS


@dataclass(slots=True)
class _Walk:
    """What the steps hand on."""

    dossier: Dossier
    keys: LogKeys
    newest: Checkpoint
    now_ms: int
    heads: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    logged_ms: dict[int, int] = field(default_factory=dict)


def verify_dossier(data: bytes, trust: Trust | None = None) -> Report:
    """Go through the steps; never raises for what is in the file.

    Args:
        data: the dossier file.
        trust: what the reader knows from paper.
    """
    report = Report(compared=("quorum",) if trust and trust.policy else ())
    try:
        _steps(data, trust or Trust(), report)
    except CustodyError as error:
        report.failure = str(error)
        report.finding = error.finding
    return report


def _steps(data: bytes, trust: Trust, report: Report) -> None:
    # (1) the file has the one form of a dossier
    dossier = report.dossier = unpack(data)
    if s10.number_of_uid(dossier.uid) != dossier.number:
        raise ProofError(f"uid is not of number {dossier.number}", step=1)
    report.passed = 1
    # (2) the keys are named, and are those the reader trusts
    keys = _keys(dossier, trust)
    log_keys = trust.log_key or (trust.policy and trust.policy.logs)
    known = tuple(n for n, given in (("log key", log_keys), ("root", trust.roots)) if given)
    report.compared = (*known, *report.compared)
    report.passed = 2
    # (3) the newest checkpoint is signed by the log and its clock
    newest, now_ms = open_checkpoint(dossier.checkpoint, keys)
    report.judged_at_ms = now_ms
    report.passed = 3
    # (4) every older checkpoint is signed and a prefix of the newest
    walk = _Walk(dossier, keys, newest, now_ms)
    _checkpoints(walk)
    report.passed = 4
    # (5) every entry is in the log, at a signed time
    _inclusion(walk)
    report.passed = 5
    # (6) every entry is canonical, certified and signed
    entries, network = _admission(walk)
    report.passed = 6
    # (7) the chain is judged
    chain = judge_part(entries, dossier.uid, network=network, anchors=walk.heads.get)
    if not chain.entries:
        raise ProofError("no entry is about this item", step=7, finding="C01")
    report.entries, report.judgement = chain.entries, chain.judge(now_ms)
    report.passed = 7
    # (8) the judgement is the one that was claimed
    if dict(dossier.claimed) != Dossier.claim(report.judgement):
        raise ProofError("claimed verdict or findings differ from what the evidence gives", step=8)
    report.passed = 8
    # (9) enough witnesses have cosigned a checkpoint that includes every entry
    if trust.policy:
        report.cosigned = _quorum(walk, trust.policy)
        report.passed = 9


def _keys(dossier: Dossier, trust: Trust) -> LogKeys:
    log, clock = note.parse_vkey(dossier.log_key), note.parse_vkey(dossier.clock_key)
    if log.name != dossier.origin or clock.name != clock_name(dossier.origin):
        raise ProofError("keys are not named after the log", step=2)
    if log.kind != note.ED25519 or clock.kind != note.COSIGNATURE:
        raise ProofError("keys are not of the kinds that a log and its clock sign with", step=2)
    keys = _followed(LogKeys(log, clock), dossier)
    if trust.log_key and trust.log_key.strip() not in {pair.log.vkey for pair in keys.pairs}:
        raise ProofError("log key is not the one you trust", step=2, finding="M02")
    named = {key.public for key in trust.policy.logs} if trust.policy else set()
    if named and not named & {pair.log.public for pair in keys.pairs}:
        raise ProofError("the policy you trust does not name this log's key", step=2, finding="M02")
    if not dossier.roots:
        raise ProofError("no root key is named", step=2, finding="K08")
    if trust.roots and not set(dossier.roots) <= trust.roots:
        raise ProofError("root key is not one you trust", step=2, finding="K08")
    return keys


def _followed(keys: LogKeys, dossier: Dossier) -> LogKeys:
    """Take in the LOGKEY entries, each signed by the log key before it.

    That they are in the log, and approved by the roots, is for steps 5 and 6 to find.
    """
    for index, raw in sorted(dossier.entries.items()):
        event = _log_key(raw)
        if event:
            before, keys = keys.newest, keys.then(change_of(index, event))
            verify_event(event, before.log.public)
    return keys


def _log_key(raw: bytes) -> Event | None:
    try:
        event = parse_event(raw)
    except CustodyError:
        return None  # step 6 says what it is
    return event if event.type is EventType.LOGKEY else None


def _checkpoints(walk: _Walk) -> None:
    walk.heads[walk.newest.size] = (walk.newest.root, walk.now_ms)
    for size, text in walk.dossier.checkpoints.items():
        head, time_ms = open_checkpoint(text, walk.keys)
        if head.size != size:
            raise ProofError(f"checkpoints/{size} is of size {head.size}", step=4)
        proof = _hashes(walk.dossier.consistency[size], f"consistency/{size}")
        merkle.verify_consistency(size, walk.newest.size, proof, head.root, walk.newest.root)
        if time_ms > walk.now_ms:
            raise ProofError(f"checkpoints/{size} is later than the newest", step=4)
        walk.heads[size] = (head.root, time_ms)


def _inclusion(walk: _Walk) -> None:
    for index, raw in walk.dossier.entries.items():
        at, head, time_ms = verify_receipt(walk.dossier.proofs[index], merkle.leaf_hash(raw), walk.keys)
        if at != index:
            raise ProofError(f"entries/{index}.proof is of entry {at}", step=5, finding="M01")
        if walk.heads.get(head.size) != (head.root, time_ms):
            raise ProofError(f"entries/{index}.proof rests on a checkpoint that is not here", step=5)
        walk.logged_ms[index] = time_ms


def _admission(walk: _Walk) -> tuple[list[Entry], Network]:
    network, entries = Network(KeyRing(frozenset(walk.dossier.roots))), []
    net = network_of(walk.dossier.origin)
    for index, raw in sorted(walk.dossier.entries.items()):
        event = _admit(raw, index, network.ring, net)
        entry = Entry(index, event, walk.logged_ms[index])
        network.apply(entry)
        entries.append(entry)
    return entries, network


def _admit(raw: bytes, index: int, ring: KeyRing, net: bytes) -> Event:
    try:
        return admit(raw, ring=ring, net=net)
    except CustodyError as error:
        raise ProofError(f"entries/{index}.cose: {error}", step=6, finding=error.finding) from error


def _quorum(walk: _Walk, policy: TrustPolicy) -> tuple[int, dict[str, int]]:
    """Return the newest checkpoint with a quorum, among those that have every entry of the file."""
    last = max(walk.dossier.entries)
    notes = {walk.newest.size: walk.dossier.checkpoint, **walk.dossier.checkpoints}
    most: dict[str, int] = {}
    for size in sorted((size for size in notes if size > last), reverse=True):
        signed = policy.cosigners(notes[size])
        if policy.is_met(signed):
            return size, signed
        most = max(most, signed, key=len)
    names = ", ".join(sorted(most)) or "nobody"
    raise ProofError(
        f"entries up to {last} are cosigned by {names}; quorum {policy.quorum} is not met",
        step=9,
        finding="M03",
    )


def _hashes(text: str, name: str) -> list[bytes]:
    try:
        hashes = list(map(note.from_base64, text.split("\n")[:-1]))
    except ValueError as error:
        raise ProofError(f"{name} is not base64 lines", step=4) from error
    if proof_text(hashes) != text:
        raise ProofError(f"{name} does not end with its last line", step=4)
    return hashes
