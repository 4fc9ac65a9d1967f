"""The catalogue of findings: what can be wrong with a chain, how grave it is, and what to do now (B9).

Texts are English msgids; the service shows them in Vietnamese. A code once given keeps its meaning for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["CATALOGUE", "Finding", "FindingKind", "Severity"]


class Severity(StrEnum):
    """How grave: one C unresolved breaks a chain, one H or two M put it in question."""

    CRITICAL = "C"
    HIGH = "H"
    MEDIUM = "M"
    LOW = "L"
    INFO = "I"


@dataclass(frozen=True, slots=True)
class FindingKind:
    """What a code means.

    Attributes:
        code: letter of the group and two digits.
        name: stable name in capitals.
        severity: how grave.
        scope: O from the item's chain alone, G from the whole log, X from context such as now.
        text: what it says, one sentence.
        advice: what to do now, one sentence.
    """

    code: str
    name: str
    severity: Severity
    scope: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong, resting on one entry (and perhaps another).

    Attributes:
        code: the kind, a key of `CATALOGUE`.
        uid: the item, 8 bytes.
        index: the entry it rests on.
        event_id: that entry's id, 32 bytes.
        detail: the values that make it so, English, for experts.
        severity: as in the catalogue, or higher where time has raised it.
        resolved_by: index of the entry that resolved it, or None. A finding is never deleted.
    """

    code: str
    uid: bytes
    index: int
    event_id: bytes
    detail: str = ""
    severity: Severity
    resolved_by: int | None = None

    @property
    def id(self) -> bytes:
        """The 8 bytes by which an OVERRIDE cites it."""
        material = b"\0".join((b"KT1-FINDING-v1", self.code.encode(), self.uid + self.event_id))
        return hashlib.sha256(material).digest()[:8]

    @property
    def kind(self) -> FindingKind:
        """Its entry in the catalogue."""
        return CATALOGUE[self.code]


_ROWS: Final = (
    # L: the label
    ("L01", "LABEL_MALFORMED", "L", "O", "The code was misread: its check digits do not match.", "Clean the label and scan again."),
    ("L02", "LABEL_SIG_INVALID", "C", "O", "The label is forged: its signature does not verify.", "Keep the envelope apart, do not open it, and call the supervisor."),
    ("L03", "LABEL_KEY_UNKNOWN", "H", "O", "The label is signed by a key that this network does not know.", "Keep the envelope apart and ask the supervisor where it came from."),
    ("L04", "LABEL_KEY_WINDOW", "H", "O", "The label was issued outside the time its key was valid.", "Keep the envelope apart and have it labelled anew under witness."),
    ("L05", "LABEL_NOT_REGISTERED", "C", "G", "The label is signed but was never registered.", "Keep the envelope apart and call the supervisor: a label key may be stolen."),
    ("L06", "LABEL_SUPERSEDED", "H", "O", "The label was replaced by a newer one.", "Look for the newer label; a second envelope with the old one is suspect."),
    ("L07", "LABEL_VOID", "H", "O", "The label belongs to a cancelled item.", "Take the envelope back to the counter that cancelled it."),
    ("L08", "LABEL_EQUIVOCATION", "C", "G", "The new label does not follow the one it replaces: two labels of one item count at once.", "Keep the envelope apart; ask who printed the second label, and why."),
    ("L09", "LABEL_ID_REUSED", "H", "G", "The same item number was registered for another item before numbers may come back.", "Find both envelopes; look up who printed the second label, and register that one under a new number."),
    ("L10", "LABEL_MANUAL", "L", "O", "The number was typed, not scanned.", "Scan the label at the next handover."),
    ("L11", "LABEL_VERSION", "M", "O", "The label is of a version that this service does not know.", "Update the app and the service, then scan again."),
    # K: the key
    ("K02", "KEY_NOT_YET", "H", "O", "The signer's key was not yet valid.", "Check the clock of the device and the signer's certificate."),
    ("K03", "KEY_EXPIRED", "H", "O", "The signer's certificate had expired: vetting, training or commitment is out of date.", "Renew the qualification; a qualified person must take the item over."),
    ("K04", "KEY_REVOKED", "C", "O", "The signer's key had been revoked.", "Find the device and the item at once, and tell the security officer."),
    ("K05", "KEY_COMPROMISE_WINDOW", "H", "O", "Signed after the key was compromised and before it was revoked.", "Ask the named signer whether this was really them, and record the answer."),
    ("K06", "ROLE_MISSING", "H", "O", "The signer is not qualified for this step.", "A qualified person must repeat the step."),
    ("K11", "UV_MISSING", "M", "O", "No passkey shows that the signer was there in person, as the policy asks.", "Let the signer confirm in person; find out why the device did not ask."),
    ("K07", "OFFICE_SCOPE", "H", "O", "Signed at an office where the signer's key does not count.", "Ask the signer where they were; a person of that office must take the item over."),
    ("K12", "SOFT_KEY", "L", "O", "The signer's key is kept less safely than the policy wants.", "Give the person a device that keeps its key in hardware."),
    # C: the chain
    ("C01", "NO_GENESIS", "C", "O", "The chain does not begin with a registration.", "Find where the envelope was accepted; until then treat it as unregistered."),
    ("C02", "BROKEN_LINK", "C", "O", "A hop is missing: the event before this one is not in the log.", "Ask both parties to upload what their devices hold; find who had the item in between."),
    ("C03", "SEQ_MISMATCH", "H", "O", "The position of the event in the chain does not match.", "Have the device checked; compare it with the log."),
    ("C04", "FORK", "C", "O", "Two events claim to follow the same one: two stories of the same item.", "Find the envelope; hear both signers; the supervisor decides which story is true."),
    ("C05", "CROSS_ITEM_LINK", "C", "O", "The event builds on one that is about another item.", "Have the device checked; find both envelopes and compare them with their chains."),
    ("C06", "LATE_PARENT", "I", "O", "The event before this one was uploaded later.", "Nothing."),
    ("C07", "STALE_HEAD", "M", "G", "The device had seen a log in which the item had already gone on.", "Ask the signer what their screen showed; have the device checked."),
    ("C08", "TAIL_AFTER_FORK", "H", "O", "The event builds on one that did not count.", "Hear the signer; the supervisor decides which story is true."),
    ("C09", "RECEIPT_ORPHAN", "C", "G", "A valid receipt names an entry that the log does not have.", "Keep the receipt; call the inspector: an entry was taken out of the log."),
    # S: the state
    ("S01", "ILLEGAL_TRANSITION", "H", "O", "This step is not possible in the state of the item.", "Find out which step was left out, and who holds the item now."),
    ("S02", "POST_DELIVERY_SIGHT", "M", "O", "The item was seen again after its journey had ended.", "Compare the envelope with the delivered one: it may be a copy of the label."),
    ("S03", "AFTER_TERMINAL", "C", "O", "The item changed hands after its journey had ended.", "Find the envelope and ask the last recipient what they received."),
    ("S04", "OFFER_EXPIRED", "M", "O", "The handover was accepted after the offer had expired.", "Offer again next time; ask why it took so long."),
    ("S05", "OFFER_OUTSTANDING", "M", "X", "Offered, but nobody has accepted it for too long.", "Call giver and taker: where is the envelope now?"),
    ("S06", "DELIVER_NO_PROOF", "H", "O", "Delivered without any proof of the recipient.", "Have the recipient sign now; until then the carrier stays responsible."),
    ("S07", "STUCK", "M", "X", "Nothing has happened to the item for too long.", "Call the holder, and have the item scanned."),
    ("S08", "RETURN_LOOP", "M", "O", "The item is sent back and forth.", "The supervisor decides where it is to go, and tells both sides."),
    # P: the persons
    ("P01", "PERSON_MISMATCH", "C", "O", "The event names another person than the key that signed it.", "Have the device checked; revoke its key if in doubt."),
    ("P02", "NOT_CUSTODIAN", "C", "O", "Signed by somebody who did not hold the item.", "Find who really held it; a handover was not scanned."),
    ("P03", "WRONG_OFFEREE", "C", "O", "Taken by somebody to whom it was not offered.", "Find the envelope at once; the giver stays responsible."),
    ("P04", "MISSING_COUNTERSIGN", "H", "O", "The second signature is missing: one side of the handover did not sign.", "Have the other party sign; until then the giver stays responsible."),
    ("P05", "SELF_HANDOVER", "H", "O", "The same person gave and took.", "A second person must take the item over."),
    ("P06", "SAME_DEVICE", "H", "O", "Both signatures come from one device.", "Each party signs on a device of their own; repeat the handover."),
    ("P09", "DUTY_SEPARATION", "H", "O", "Who decided has a hand in the item: registered or seized it, or takes it over.", "Two other supervisors must decide."),
    ("P07", "SECOND_PERSON", "H", "O", "The second signer is the same person, or not entitled to witness.", "Repeat the step with an entitled witness."),
    ("P08", "PAIR_PATTERN", "M", "G", "The same two people sign most of the exceptions of one of them.", "Let somebody else witness; an inspector looks at what the two signed."),
    # B: the container
    ("B01", "MANIFEST_MISMATCH", "H", "O", "What was found in the container is not what was closed in it.", "Count again with the witness; make a record with both offices."),
    ("B02", "ITEM_MISSING", "C", "O", "An item that was closed in the container was not in it.", "Look for the item at once; tell the office that closed the container, and the supervisor."),
    ("B03", "ITEM_SURPLUS", "H", "O", "An item was in the container that was not in its manifest.", "Keep it apart; ask the office that closed the container how it came in."),
    ("B04", "MANIFEST_COUNT", "H", "O", "Manifest and list of the container do not agree.", "Have the device checked; count again with the witness."),
    ("B05", "BAG_SEAL", "H", "O", "The seal of the container is not the one it was closed with.", "Open it under witness and check every item; make a record with both parties."),
    ("B06", "MOVED_WHILE_LOADED", "C", "O", "The item was moved although its container is closed.", "Open the container under witness: is the item in it?"),
    ("B07", "BAG_OVERDUE", "M", "X", "The container has been closed for too long.", "Call the holder: where is the container now?"),
    ("B08", "NESTING", "H", "G", "Containers lie too deep within one another.", "Open the outermost one; close no container into a third one."),
    ("B09", "HOLDER_DIVERGENCE", "C", "O", "Loaded or unloaded by somebody who did not close or open the container.", "Find who really had the container open; hear both."),
    ("B10", "BAG_WEIGHT", "M", "O", "The container weighs more or less than when it was closed.", "Open it under witness and count."),
    ("B11", "DOUBLE_LOADED", "C", "G", "The item is in two closed containers.", "Open both under witness; the supervisor decides which story is true."),
    # T: the time
    ("T01", "TIME_REGRESSION", "M", "O", "The claimed time is before that of the step before.", "Check the clock of the device."),
    ("T02", "BEFORE_ANCHOR", "H", "O", "Back-dated: the claimed time is before a moment the device had already seen.", "Ask the signer; have the device checked."),
    ("T03", "FUTURE", "H", "O", "Future-dated: the claimed time is after the log received it.", "Check the clock of the device."),
    ("T04", "LATE_SYNC", "M", "O", "The event reached the log much later than it was signed.", "Ask why the device was without a network so long; have its clock checked."),
    ("T05", "STALE_ANCHOR", "M", "O", "The device had not seen the log for long when it signed.", "Let the device fetch the log's newest checkpoint, at the latest at the start of each shift."),
    ("T06", "CLOCK_UNSYNCED", "L", "O", "The device itself does not trust its clock.", "Connect the device, so that its clock is set."),
    ("T08", "OVERDUE", "M", "X", "The item is later than was promised at acceptance.", "Find the item and deliver it first; tell the sender and the recipient."),
    ("T09", "OUT_OF_HOURS", "L", "X", "Signed while the office was closed.", "Nothing where it was on duty; otherwise ask the signer."),
    ("T10", "DWELL", "M", "X", "The item lay too long at one office before it went on.", "Ask the office why it did not go on."),
    ("T11", "TOO_FAST", "M", "O", "Faster than hands can be: taken before it was offered.", "Check the clocks of both devices; hear both people."),
    ("T07", "ANCHOR_MISSING", "M", "O", "The device cites no checkpoint of the log: nothing proves when it was signed.", "Let the device fetch the log's newest checkpoint before it signs again."),
    # G: the place
    ("G01", "IMPOSSIBLE_TRAVEL", "H", "X", "Two places too far apart for the time between: nobody can have carried the item.", "Find the item now; ask both signers where they were: one of them may have had a copy of the label."),
    ("G02", "OFF_ROUTE", "M", "X", "The item is at an office that is on no route to its destination.", "Ask the holder how it came there, and send it back on its way."),
    ("G04", "NODE_SKIPPED", "M", "X", "Delivered without passing a control office that it must pass.", "Ask the couriers which way it went; look at seal and cover."),
    ("G05", "GEO_MISMATCH", "M", "X", "The device was not at the office that its signer named.", "Ask the signer where they were, and why."),
    ("G03", "WRONG_DESTINATION", "H", "O", "Delivered to a body that is not the addressee.", "Fetch the envelope back at once, and tell the sender."),
    # X: the seal
    ("X01", "SEAL_MISMATCH", "C", "O", "The seal is not the one put on at acceptance.", "Do not open; keep the envelope apart; make a record with both parties and report at once."),
    ("X02", "SEAL_DAMAGED", "H", "O", "The seal or the cover was reported damaged.", "Make a record with both parties, and report to the head of the body."),
    ("X03", "SEAL_UNCHECKED", "M", "O", "The item changed hands without a look at the seal.", "Check the seal now."),
    ("X04", "SEAL_NOT_ISSUED", "H", "G", "The seal is not one that was issued.", "Keep the envelope apart; find out where the seal came from."),
    ("X05", "SEAL_REUSED", "C", "G", "The same seal is on two items at once.", "Find both envelopes unopened and compare the seals; keep both apart, and call security."),
    ("X06", "CLONE_SUSPECT", "C", "G", "Seen in two places, and never handed over in between: there may be two envelopes under one label.", "Find both envelopes; keep them apart unopened; call the supervisor and security."),
    ("X07", "REMOTE_SCAN_SUSPECT", "H", "O", "Nothing shows that giver and taker stood together.", "Call both: who has the envelope? Repeat the handover face to face."),
    ("X08", "WEIGHT_CHANGE", "M", "O", "The item weighs more or less than at acceptance.", "Weigh again on another scale; look at seal and cover together; make a record."),
    ("X09", "FOREIGN_SIGHT", "H", "G", "Seen where nobody has taken it over.", "Call the holder: is the envelope with them? If not, a handover was not scanned."),
    # D: the device
    ("D01", "DEVICE_FORK", "C", "G", "One key signed two different events at one place of its chain: it is in two devices, or a device was set back.", "Take the device away and revoke its key; hear its holder; find everything it signed since."),
    ("D02", "DEVICE_GAP", "H", "G", "Events that the device signed are missing from the log.", "Have the device upload what it holds; if it cannot, an inspector looks at what is missing."),
    ("D03", "DEVICE_TAIL_MISSING", "H", "G", "The device reported more events at the end of the shift than the log has.", "Have the device upload what it holds, before it is used again."),
    ("D04", "DEVICE_SILENT", "M", "X", "Nothing has come from the device of somebody who holds items.", "Call the holder; have the device brought to where there is a network."),
    ("D05", "APP_OUTDATED", "L", "X", "The device runs an older version of the app than the policy asks for.", "Update the app on this device."),
    # M: the log
    ("M05", "SPLIT_VIEW", "C", "G", "The signer was shown another log than this one.", "Stop; call the inspector: somebody runs two logs."),
    ("M01", "INCLUSION_INVALID", "C", "O", "The receipt does not prove that the entry is in the log.", "Keep the file as it is; ask for a new receipt and compare the two."),
    ("M02", "CHECKPOINT_SIG", "C", "O", "The checkpoint is not signed by the log.", "Keep the file as it is, and call the inspector."),
    ("M04", "INCONSISTENT", "C", "O", "Two signed checkpoints contradict each other: history was rewritten.", "Stop; keep both checkpoints; call the inspector."),
    ("M07", "LEAF_MISMATCH", "C", "G", "A stored entry is not what its place in the tree, or its signed bytes, say.", "Stop; keep the database as it is; restore a backup, and call the inspector."),
    ("M08", "TILE_MISMATCH", "C", "G", "A stored piece of the tree does not hash to the signed root.", "Run tram audit; restore from a backup if it does not hold."),
    ("M03", "QUORUM", "H", "O", "Too few witnesses have cosigned this state of the log.", "Go on working; ask the witnesses why they have not signed."),
    ("M06", "ROLLBACK", "C", "G", "The log is shorter than what was already signed: its end is missing.", "Stop the service; look for the newer database; call the inspector."),
    ("M09", "HEADMAP_MISMATCH", "C", "G", "The daily map of open items differs from what the entries give.", "Stop; run tram audit; call the inspector."),
    ("M10", "CHECKPOINT_STALE", "M", "X", "No witness has seen the log for too long.", "Check the way to the witnesses, and tell them."),
    ("M12", "PAPER_ANCHOR", "C", "X", "The root on the stamped paper is not that of the log: history was rewritten.", "Keep the paper; stop; call the inspector."),
    ("M11", "DERIVED_STATE", "C", "G", "A view of the log says something else than the log.", "Run tram rebuild, then tram audit; ask who could write to the database."),
    # A: acts that leave a mark
    ("A01", "OVERRIDE_USED", "M", "O", "Two supervisors decided to let the item go on.", "Nothing; the decision stays visible."),
    ("A02", "CORRECTED", "I", "O", "A remark corrects an earlier event.", "Nothing."),
    ("A03", "SEIZED", "H", "O", "The item was taken out of the journey by security.", "Wait for the security officer."),
    ("A04", "RELABELLED", "I", "O", "The label was replaced under witness.", "Nothing."),
    ("A05", "RESEALED", "L", "O", "The seal was replaced under witness.", "Check that the new seal is the one on the cover."),
    ("A06", "LOSS_DECLARED", "C", "O", "The item was declared lost.", "Report the possible loss of a state secret within the legal time."),
    ("A07", "FOUND_AFTER_LOSS", "H", "O", "The item was found after it had been declared lost.", "Keep it in quarantine until security has examined it."),
    ("A08", "DELIVERED_ON_PROOF", "L", "O", "The recipient did not sign with a key of their own.", "Keep the paper or the scan; give the recipient a badge or a device."),
    # E, K: why an entry was refused (nothing of it is in the chain)
    ("E01", "MALFORMED", "H", "O", "The entry does not have the required form.", "Update the app; if it repeats, have the device checked."),
    ("E02", "NON_CANONICAL", "H", "O", "The entry is not in the one allowed encoding.", "Update the app; if it repeats, have the device checked."),
    ("E03", "ALG_FORBIDDEN", "H", "O", "The entry is signed with an algorithm that is not allowed.", "Update the app; if it repeats, have the device checked."),
    ("E04", "SIG_INVALID", "C", "O", "The signature does not verify.", "Keep the device apart: somebody altered the entry or does not have the key."),
    ("E05", "TYPE_UNKNOWN", "M", "O", "The entry is of a type that this version does not know.", "Update the service."),
    ("E06", "SCHEMA", "H", "O", "A part of the entry is missing, surplus or out of range.", "Update the app; if it repeats, have the device checked."),
    ("E07", "WRONG_NETWORK", "H", "O", "The entry was made for another network.", "Check which service the device is enrolled with."),
    ("E08", "DUPLICATE", "I", "O", "The entry was here already.", "Nothing."),
    ("E09", "PAYLOAD_TWIN", "H", "G", "The same statement was signed twice in different bytes.", "Have the device checked; if another key signed, hear both signers."),
    ("K01", "KEY_UNKNOWN", "C", "O", "A stranger signed: the key has no certificate.", "Find the device; enrol it or take it away."),
    ("K08", "CERT_CHAIN", "C", "O", "The certificate was not issued by a key that may issue it.", "Call the inspector: somebody tries to make keys."),
    ("K09", "KEY_SHARED", "H", "G", "The key is already certified for somebody else.", "Make a new key on the device."),
    ("K10", "WEAK_KEY", "C", "O", "The key is not a valid Ed25519 key.", "Make a new key on the device."),
)  # fmt: skip

CATALOGUE: Final[dict[str, FindingKind]] = {
    code: FindingKind(code, name, Severity(severity), scope, text, advice)
    for code, name, severity, scope, text, advice in _ROWS
}
