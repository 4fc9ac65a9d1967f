"""The evidence of one item in one file, and its verification by somebody who trusts nobody's server.

A zip with nothing compressed and nothing free to choose, so that the file itself has one form:
`dossier.json` (what is claimed), `checkpoint` (the newest), `entries/N.cose` with `entries/N.proof` (receipt under
the first checkpoint that includes it, whose signed time is "logged at"), and `checkpoints/SIZE` with
`consistency/SIZE` for every older checkpoint that a receipt or an anchor speaks of.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from custody import label
from custody.cose import kid_of
from custody.errors import CustodyError, FormatError
from custody.event import ZERO, Entry, Event, EventType, Field
from custody.ground import ground_for
from custody.judge import Judgement
from custody.roles import Role
from custody.threshold import approver_kids

__all__ = ["FORMAT", "Dossier", "exhibits_for", "pack", "proof_text", "system_entries_for", "unpack"]

FORMAT: Final = "tram-dossier-v1"
_MAX_BYTES: Final = 20_000_000
_MAX_FILES: Final = 20_000
_DIGITS: Final = 15
_ALWAYS: Final = frozenset((EventType.POLICY, EventType.LOGKEY))
_ANSWERS: Final = frozenset(
    (EventType.ACCEPT, EventType.DELIVER, EventType.REFUSE, EventType.CANCEL, EventType.CORRECT)
)
_KEYS: Final = frozenset(("format", "number", "uid", "origin", "log_key", "clock_key", "roots", "claimed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """The parts of a dossier; nothing in it is believed before `verify_dossier` has been through it.

    Attributes:
        number: 13-character item number.
        uid: 8 bytes.
        origin: the log's name.
        log_key: vkey that the log began with; its LOGKEY entries lead to the one in force.
        clock_key: vkey that its clock began with.
        roots: kids of the root keys, 8 bytes each.
        checkpoint: the newest signed checkpoint.
        entries: index -> signed bytes, of the item and of every key and policy it rests on.
        proofs: index -> receipt text.
        checkpoints: size -> older signed checkpoint.
        consistency: size -> text of the proof that it is a prefix of the newest.
        claimed: {"verdict": ..., "digest": hex, "findings": [[index, code, severity, resolved_by or -1]...]}.
    """

    number: str
    uid: bytes
    origin: str
    log_key: str
    clock_key: str
    roots: tuple[bytes, ...]
    checkpoint: str
    entries: Mapping[int, bytes]
    proofs: Mapping[int, str]
    checkpoints: Mapping[int, str]
    consistency: Mapping[int, str]
    claimed: Mapping[str, object]

    @staticmethod
    def claim(judgement: Judgement) -> dict[str, object]:
        """Return *judgement* as a dossier claims it."""
        return {
            "verdict": judgement.verdict.value,
            "digest": judgement.digest.hex(),
            "findings": judgement.rows(),
        }


def system_entries_for(events: Iterable[Entry], system: Iterable[Entry]) -> list[Entry]:
    """Return those *system* entries (in log order) on which the verdict over *events* rests.

    Certificates of every signer, second signer and label key, of whom an OFFER or OVERRIDE names, of whoever issued and
    approved those, their revocations, every root, every POLICY and LOGKEY, and the ground under it (`ground`). Nothing
    about other items or people.
    """
    known = list(system)
    issuers: dict[bytes, set[bytes]] = {}
    label_kids: dict[bytes, bytes] = {}
    for entry in known:
        fields = entry.event.fields
        if entry.event.type is EventType.KEY_CERT:
            issuers.setdefault(kid_of(fields[Field.PUBLIC]), set()).update(_signers(entry.event))
            label_kids[fields.get(Field.KID4, b"")] = kid_of(fields[Field.PUBLIC])
        elif entry.event.type is EventType.KEY_REVOKE:
            issuers.setdefault(fields[Field.KID], set()).update(_signers(entry.event))
    chain = list(events)
    todo = [kid for entry in chain for kid in _kids(entry.event, label_kids)]
    named = {e.event.fields.get(Field.OFFEREE) for e in chain}
    certificates = [e.event.fields for e in known if e.event.type is EventType.KEY_CERT]
    todo += [
        kid_of(f[Field.PUBLIC])
        for f in certificates
        if f[Field.PERSON] in named or Role.ROOT in f[Field.ROLES]
    ]
    ground = {entry.index: entry for entry in ground_for(chain, known)}
    ground |= {entry.index: entry for entry in known if entry.event.type in _ALWAYS}
    todo += [kid for entry in ground.values() for kid in _signers(entry.event)]
    wanted: set[bytes] = set()
    while todo:
        kid = todo.pop()
        if kid not in wanted:
            wanted.add(kid)
            todo += issuers.get(kid, ())
    return [entry for entry in known if entry.index in ground or _is_of(entry, wanted)]


def exhibits_for(events: Iterable[Entry], find: Callable[[bytes], Entry | None]) -> list[Entry]:
    """Return the entries about other things on which a finding rests: what an event builds on or cites (C05, C09, P02).

    Args:
        events: those of an item and of its containers.
        find: an entry of the log by its id.
    """
    chain = list(events)
    known = {entry.event.id for entry in chain} | {ZERO}
    cited = {ref.prev for entry in chain for ref in entry.event.items}
    cited |= {e.event.fields.get(Field.CITES, ZERO) for e in chain if e.event.type in _ANSWERS}
    found = (find(id_) for id_ in sorted(cited - known))
    return [entry for entry in found if entry is not None]


def _kids(event: Event, label_kids: Mapping[bytes, bytes]) -> Iterator[bytes]:
    """Yield the keys that an event rests on: its signers', and that of a label in it."""
    yield event.kid
    if event.second_kid:
        yield event.second_kid
    try:
        if Field.LABEL_RAW in event.fields:
            yield label_kids.get(label.parse_label(event.fields[Field.LABEL_RAW]).kid4, b"")
    except CustodyError:
        return  # an unreadable label names no key


def _signers(event: Event) -> Iterator[bytes]:
    yield event.kid
    yield from approver_kids(event)


def _is_of(entry: Entry, wanted: set[bytes]) -> bool:
    if entry.event.type is EventType.KEY_CERT:
        return kid_of(entry.event.fields[Field.PUBLIC]) in wanted
    if entry.event.type is EventType.KEY_REVOKE:
        return entry.event.fields[Field.KID] in wanted
    return False


def proof_text(hashes: Sequence[bytes]) -> str:
    """Return hashes as base64 lines, the form of `consistency/SIZE`."""
    return "".join(base64.b64encode(node).decode() + "\n" for node in hashes)


def pack(dossier: Dossier) -> bytes:
    """Return the file; the same dossier always gives the same bytes."""
    head = {
        "format": FORMAT,
        "number": dossier.number,
        "uid": dossier.uid.hex(),
        "origin": dossier.origin,
        "log_key": dossier.log_key,
        "clock_key": dossier.clock_key,
        "roots": [kid.hex() for kid in dossier.roots],
        "claimed": dossier.claimed,
    }
    files = {"dossier.json": json.dumps(head, sort_keys=True, indent=1).encode() + b"\n"}
    files["checkpoint"] = dossier.checkpoint.encode()
    for index, raw in sorted(dossier.entries.items()):
        files[f"entries/{index}.cose"] = raw
        files[f"entries/{index}.proof"] = dossier.proofs[index].encode()
    for size, note in sorted(dossier.checkpoints.items()):
        files[f"checkpoints/{size}"] = note.encode()
        files[f"consistency/{size}"] = dossier.consistency[size].encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3  # the same bytes on every system
            archive.writestr(info, content)
    return out.getvalue()


def unpack(data: bytes) -> Dossier:
    """Return the parts of a dossier file, which must be byte for byte what `pack` makes of them.

    Raises:
        FormatError: not a zip of ours, a part missing or surplus, or not in the one form.
    """
    if len(data) > _MAX_BYTES:
        raise FormatError(f"dossier of {len(data)} bytes is above {_MAX_BYTES}")
    try:
        dossier = _read(_files(data))
        again = pack(dossier)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise FormatError(f"dossier is not readable: {type(error).__name__}: {error}") from error
    if again != data:
        at = next((i for i, (a, b) in enumerate(zip(again, data, strict=False)) if a != b), len(again))
        raise FormatError(f"dossier differs from its one form at byte {at}")
    return dossier


def _files(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > _MAX_FILES or any(info.compress_type != zipfile.ZIP_STORED for info in infos):
                raise FormatError("dossier has too many files or compressed ones")
            if sum(info.file_size for info in infos) > len(data):
                raise FormatError("dossier declares more than it holds")
            return {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise FormatError(f"dossier is not a readable zip: {error}") from error


def _read(files: dict[str, bytes]) -> Dossier:
    head = json.loads(files.pop("dossier.json"))
    if not isinstance(head, dict) or head.keys() != _KEYS or head["format"] != FORMAT:
        raise FormatError("dossier.json is not of format " + FORMAT)
    checkpoint = files.pop("checkpoint").decode()
    folders: dict[str, dict[str, bytes]] = {"entries": {}, "checkpoints": {}, "consistency": {}}
    for name, content in files.items():
        folder, _, rest = name.partition("/")
        folders[folder][rest] = content
    json.dumps(head, ensure_ascii=False).encode()  # no text that cannot be written down
    if not _is_claim(head["claimed"]):
        raise FormatError("dossier claims no verdict")
    entries = {_number(n[:-5]): raw for n, raw in folders["entries"].items() if n.endswith(".cose")}
    proofs = {_number(n[:-6]): raw.decode() for n, raw in folders["entries"].items() if n.endswith(".proof")}
    return Dossier(
        number=str(head["number"]),
        uid=bytes.fromhex(head["uid"]),
        origin=str(head["origin"]),
        log_key=str(head["log_key"]),
        clock_key=str(head["clock_key"]),
        roots=tuple(bytes.fromhex(kid) for kid in head["roots"]),
        checkpoint=checkpoint,
        entries=entries,
        proofs=proofs,
        checkpoints={_number(n): raw.decode() for n, raw in folders["checkpoints"].items()},
        consistency={_number(n): raw.decode() for n, raw in folders["consistency"].items()},
        claimed=head["claimed"],
    )


def _number(text: str) -> int:
    """Return an index or size in the name of a file; below 2^53, so that no reader rounds it."""
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        raise FormatError(f"{text[:20]!r} is not a plain number of at most {_DIGITS} digits")
    return int(text)


def _is_claim(claimed: object) -> bool:
    """Whether it has the form of `Dossier.claim`: no other type, no number that a reader might round."""
    if not isinstance(claimed, dict) or claimed.keys() != {"verdict", "digest", "findings"}:
        return False
    rows = claimed["findings"]
    return (
        isinstance(claimed["verdict"], str)
        and isinstance(claimed["digest"], str)
        and isinstance(rows, list)
        and all(map(_is_row, rows))
    )


def _is_row(row: object) -> bool:
    match row:
        case [int() as index, str(), str(), int() as resolved_by]:
            plain = type(index) is int and type(resolved_by) is int
            return plain and 0 <= index < 10**_DIGITS and -1 <= resolved_by < 10**_DIGITS
        case _:
            return False
