"""Whom to believe about a log (C2SP tlog-policy): its keys, its witnesses, and how many of them must have signed.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>|none

Names are octets without meaning outside the file. A line may speak only of names on lines before it, and each name
is a member at most once, so that no witness counts twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from custody.errors import CustodyError, FormatError, ProofError
from custody.note import COSIGNATURE, ED25519, MLDSA44, NoteKey, open_note, parse_vkey

__all__ = ["NO_QUORUM", "Group", "TrustPolicy", "Witness", "parse_policy"]

NO_QUORUM: Final = "none"
_MAX_BYTES: Final = 200_000
_MAX_NAMES: Final = 256
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS: Final = re.compile(r"[ \t]+")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody who cosigns.

    Attributes:
        name: what groups and the quorum call it.
        key: the key it cosigns with; its name stands on the signature line.
        url: its submission prefix (C2SP tlog-witness), or "".
    """

    name: str
    key: NoteKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group has witnessed what at least *least* of its members have.

    Attributes:
        least: at least 1, at most as many as there are members.
        members: names of witnesses and earlier groups.
    """

    least: int
    members: tuple[str, ...]


@dataclass(slots=True)
class TrustPolicy:
    """A policy, as read.

    Attributes:
        logs: keys of the logs; empty where the log is known from elsewhere.
        witnesses: by name.
        groups: by name.
        quorum: name of a witness or group, or `NO_QUORUM`.
    """

    logs: list[NoteKey] = field(default_factory=list)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = ""

    def keys_of(self, origin: str) -> list[NoteKey]:
        """Return the keys of the log *origin*, none where it is not named."""
        return [key for key in self.logs if key.name == origin]

    def is_met(self, signed: Collection[str]) -> bool:
        """Say whether the witnesses named *signed* are enough."""
        if self.quorum == NO_QUORUM:
            return True
        has = {name: name in signed for name in self.witnesses}
        for name, group in self.groups.items():  # in the order of the file: members come first
            has[name] = sum(has[member] for member in group.members) >= group.least
        return has[self.quorum]

    def cosigners(self, note: str) -> dict[str, int]:
        """Return whose cosignatures on a signed note hold: name -> the time signed, unix seconds.

        Raises:
            ProofError: not a note, or a line of a witness named here does not verify (M02): lines of strangers are
                passed over, a false line of somebody we know is not.
        """
        opened = open_note(note)
        ids = {(name, key_id) for name, key_id, _ in opened.lines}
        return {
            one.name: opened.verify(one.key)
            for one in self.witnesses.values()
            if (one.key.name, one.key.id) in ids
        }

    def check(self, note: str) -> dict[str, int]:
        """Return `cosigners` of a note that has enough of them.

        Raises:
            ProofError: as there, or the quorum is not met (M03).
        """
        signed = self.cosigners(note)
        if not self.is_met(signed):
            names = ", ".join(sorted(signed)) or "nobody"
            raise ProofError(f"cosigned by {names}; quorum {self.quorum} is not met", finding="M03")
        return signed


def parse_policy(data: bytes) -> TrustPolicy:
    """Return the policy in a file's bytes.

    Raises:
        FormatError: not of the tlog-policy form; the message names the line.
    """
    if len(data) > _MAX_BYTES:
        raise _wrong(0, f"{len(data)} bytes are above {_MAX_BYTES}")
    policy = TrustPolicy()
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), start=1):
        if _CONTROL.search(line):
            raise _wrong(number, "a control character")
        words = _BLANKS.split(line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        try:
            _take(policy, words)
        except (CustodyError, UnicodeEncodeError, ValueError) as error:
            raise _wrong(number, str(error)) from error
    if not policy.quorum:
        raise _wrong(0, "no quorum line")
    return policy


def _wrong(line: int, what: str) -> FormatError:
    place = f"line {line}: " if line else ""
    hint = "write it as c2sp.org/tlog-policy says; docs/spec/log.md has an example"
    shown = what.encode("utf-8", "replace").decode()
    return FormatError(f"policy: {place}{shown}", hint=hint)


def _take(policy: TrustPolicy, words: list[str]) -> None:
    match words:
        case ["log", vkey] | ["log", vkey, _]:
            key = _key(vkey, (ED25519,), "log")
            _unseen(key, policy.logs, "log")
            policy.logs.append(key)
        case ["witness", name, vkey] | ["witness", name, vkey, _]:
            _free(policy, name)
            key = _key(vkey, (COSIGNATURE, MLDSA44), "witness")
            _unseen(key, (one.key for one in policy.witnesses.values()), "witness")
            policy.witnesses[name] = Witness(name, key, words[3] if len(words) == 4 else "")
        case ["group", name, least, *members] if members:
            _free(policy, name)
            policy.groups[name] = _group(policy, least, members)
        case ["quorum", name]:
            if policy.quorum:
                raise ValueError("a second quorum line")
            if name != NO_QUORUM and name not in policy.witnesses and name not in policy.groups:
                raise ValueError(f"quorum {name[:40]} is no witness or group on a line before")
            policy.quorum = name
        case _:
            raise ValueError(f"{words[0][:40]!r} with {len(words) - 1} words is no line of a policy")


def _key(vkey: str, kinds: Collection[int], what: str) -> NoteKey:
    key = parse_vkey(vkey)
    if key.kind not in kinds:
        raise ValueError(f"key of kind {key.kind} is not one that a {what} signs with")
    return key


def _unseen(key: NoteKey, others: Iterable[NoteKey], what: str) -> None:
    if any(key.public == other.public for other in others):
        raise ValueError(f"a second {what} with the key of {key.name}")


def _free(policy: TrustPolicy, name: str) -> None:
    if name == NO_QUORUM or name in policy.witnesses or name in policy.groups:
        raise ValueError(f"name {name[:40]} is taken")
    if len(policy.witnesses) + len(policy.groups) >= _MAX_NAMES:
        raise ValueError(f"more than {_MAX_NAMES} names")


def _group(policy: TrustPolicy, least: str, members: list[str]) -> Group:
    named: Mapping[str, object] = {**policy.witnesses, **policy.groups}
    used = {member for group in policy.groups.values() for member in group.members}
    for at, member in enumerate(members):
        if member not in named:
            raise ValueError(f"member {member[:40]} is no witness or group on a line before")
        if member in used or member in members[:at]:
            raise ValueError(f"{member[:40]} is a member already")
    if least in {"any", "all"}:
        return Group(1 if least == "any" else len(members), tuple(members))
    if not _NUMBER.fullmatch(least) or int(least) > len(members):
        raise ValueError(f"{least[:40]} of {len(members)} members is no threshold")
    return Group(int(least), tuple(members))
