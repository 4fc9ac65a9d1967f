"""What only root keys together may say, carried from one locked room to the next as a file (docs/spec/keys.md).

    online    a request: the entry's core, and how many roots must sign
    offline   each holder of a root key reads what it says and signs; the last of them signs the entry itself
    online    the entry goes into the log, which checks it all again

Nothing here knows a database. The core decides what is signed; the sentence beside it is never shown.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from custody import cbor
from custody.certificate import Reason
from custody.cose import kid_of, parse_sign1, verify_sign1
from custody.ed25519 import public_of
from custody.errors import CustodyError, SignatureError
from custody.event import APPROVE_CONTEXT, EventType, Field, core_of, sign_event
from custody.fields import FORMS, REQUIRED
from custody.policy import limit_numbers
from custody.roles import Role
from custody.threshold import approve
from db.errors import RequestError

__all__ = ["Request", "describe", "make_request", "read_request", "write_request"]

_FORMAT: Final = "tram-key-request-1"
_TYPES: Final = (EventType.KEY_CERT, EventType.KEY_REVOKE, EventType.POLICY, EventType.LOGKEY)
_MAX_BYTES: Final = 64_000
_VIETNAM: Final = dt.timezone(dt.timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class Request:
    """An entry on its way to the log.

    Attributes:
        core: the payload without approvals.
        threshold: how many different root keys must sign.
        approvals: signatures so far.
        entry: the signed entry, b"" while signatures are missing.
        roots: public keys (32 bytes each) of the roots that lived when it was made; the log alone decides.
    """

    core: bytes
    threshold: int
    approvals: tuple[bytes, ...] = ()
    entry: bytes = b""
    roots: tuple[bytes, ...] = ()

    @property
    def fields(self) -> dict[int, Any]:
        """The payload by field number."""
        fields: dict[int, Any] = cbor.decode(self.core)
        return fields

    @property
    def type(self) -> EventType:
        """What it records."""
        return EventType(self.fields[Field.TYPE])

    @property
    def by_log(self) -> bool:
        """Whether the log's own key signs the entry, and roots only approve it."""
        return self.type is EventType.LOGKEY

    @property
    def signed(self) -> list[str]:
        """Kids (hex) of the root keys that signed so far; whether they are roots is the log's to say."""
        kids = [parse_sign1(raw, detached=self.core).kid.hex() for raw in self.approvals]
        return kids + ([parse_sign1(self.entry).kid.hex()] if self.entry and not self.by_log else [])

    @property
    def missing(self) -> int:
        """How many root keys must still sign."""
        return max(self.threshold - len(self.signed), 0)

    def approved(self, seed: bytes) -> Request:
        """Return the request with one signature more; the last one signs the entry itself.

        Raises:
            RequestError: that key is no root's or signed already, or nothing is missing.
        """
        public = public_of(seed)
        kid = kid_of(public).hex()
        if self.roots and public not in self.roots:
            raise RequestError(
                f"key {kid} is not a root key of this log; nothing was signed",
                hint=f"Its roots are {', '.join(kid_of(root).hex() for root in self.roots)}.",
            )
        if not self.missing:
            raise RequestError("no signature is missing", hint="Hand it in: `tram keys root submit FILE`.")
        if kid in self.signed:
            raise RequestError(
                f"key {kid} signed already", hint=f"{self.missing} more, by other root keys, must sign."
            )
        if self.missing == 1 and not self.by_log:
            return self.finished(seed)
        return replace(self, approvals=(*self.approvals, approve(self.core, seed)))

    def check(self) -> None:
        """Verify every signature by one of its roots.

        Raises:
            RequestError: one does not hold: what is asked for was altered after it was signed.
        """
        publics = {kid_of(public): public for public in self.roots}
        messages = [parse_sign1(raw, detached=self.core, context=APPROVE_CONTEXT) for raw in self.approvals]
        messages += [parse_sign1(self.entry)] if self.entry and not self.by_log else []
        for message in messages:
            try:
                if message.kid in publics:
                    verify_sign1(message, publics[message.kid])
            except SignatureError:
                raise _altered(message.kid) from None
        if self.entry and core_of(cbor.decode(parse_sign1(self.entry).payload)) != self.core:
            raise _altered(parse_sign1(self.entry).kid)

    def without_strangers(self) -> tuple[Request, list[str]]:
        """Return the request without signatures of keys that are none of its roots, and the kids (hex) left out."""
        known = {kid_of(public).hex() for public in self.roots}
        strangers = [kid for kid in self.signed if kid not in known]
        if not strangers:
            return self, []
        kept = tuple(raw for raw in self.approvals if parse_sign1(raw, detached=b"").kid.hex() in known)
        return replace(self, approvals=kept, entry=b""), strangers  # the entry was signed over theirs

    def finished(self, seed: bytes) -> Request:
        """Return the request with the entry signed by its own signer.

        Raises:
            FormatError: what it asks for is no valid entry (E06).
        """
        fields = self.fields | ({Field.APPROVALS: list(self.approvals)} if self.approvals else {})
        return replace(self, entry=sign_event(fields, seed=seed))


def _altered(kid: bytes) -> RequestError:
    return RequestError(
        f"the request was altered after key {kid.hex()} signed it",
        hint="Find out who had the file; then write a new request and have it signed.",
    )


def make_request(fields: Mapping[int, Any], *, threshold: int, roots: Iterable[bytes] = ()) -> Request:
    """Return a request for the entry of *fields* (without V), which *threshold* of the keys *roots* must sign."""
    return Request(core_of(dict(fields) | {Field.V: 1}), threshold, roots=tuple(roots))


def write_request(path: Path, request: Request) -> None:
    """Write a request, in place of what was there; it holds no secret.

    Raises:
        RequestError: the file cannot be written.
    """
    content = {
        "format": _FORMAT,
        "threshold": request.threshold,
        "core": request.core.hex(),
        "approvals": [raw.hex() for raw in request.approvals],
        "entry": request.entry.hex(),
        "roots": [public.hex() for public in request.roots],
    }
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="ascii") as file:
            file.write(json.dumps(content, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise RequestError(f"request {path} cannot be written: {error.strerror}") from error


def read_request(path: Path) -> Request:
    """Return the request in a file.

    Raises:
        RequestError: no such file, or it is not a request.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise RequestError(f"{path} is too large for a request")
        return _read(json.loads(path.read_text(encoding="ascii")))
    except OSError as error:
        raise RequestError(f"request {path} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError, RecursionError, CustodyError) as error:
        if isinstance(error, RequestError):
            raise
        raise RequestError(f"{path} is not a request: {error}") from error


def _read(content: Any) -> Request:
    if content["format"] != _FORMAT:
        raise RequestError(f"a request of format {content['format']}, not {_FORMAT}")
    request = Request(
        bytes.fromhex(content["core"]),
        int(content["threshold"]),
        tuple(bytes.fromhex(raw) for raw in content["approvals"]),
        bytes.fromhex(content["entry"]),
        tuple(bytes.fromhex(public) for public in content.get("roots", ())),
    )
    fields = request.fields
    if not isinstance(fields, dict) or request.type not in _TYPES or request.threshold < 1:
        raise RequestError("a request for an entry that root keys do not sign")
    wrong = [key for key, value in fields.items() if key not in FORMS or not FORMS[key](value)]
    if wrong or not REQUIRED[request.type] - {Field.APPROVALS} <= fields.keys():
        raise RequestError(f"a request for an entry that is not in form: fields {wrong or 'missing'}")
    describe(request)  # its signatures are read
    request.check()
    return request


def describe(request: Request) -> dict[str, Any]:
    """Return what a request asks for, out of its core alone, in words and numbers that people compare."""
    fields, kind = request.fields, request.type
    said: dict[str, Any] = {"entry": kind.name, "network": fields[Field.NET].hex()}
    if kind is EventType.KEY_CERT:
        said |= {
            "key": kid_of(fields[Field.PUBLIC]).hex(),
            "public": fields[Field.PUBLIC].hex(),
            "roles": sorted(Role(role).name for role in fields[Field.ROLES]),
            "offices": list(fields[Field.OFFICES]),
            "from": _time(fields[Field.NOT_BEFORE]),
            "until": _time(fields[Field.NOT_AFTER]),
        }
    elif kind is EventType.KEY_REVOKE:
        said |= {"key": fields[Field.KID].hex(), "reason": _reason(fields[Field.REASON])}
        if Field.COMPROMISED in fields:
            said["compromised since"] = _time(fields[Field.COMPROMISED])
    elif kind is EventType.LOGKEY:
        said |= {
            "log key": fields[Field.PUBLIC].hex(),
            "clock key": fields[Field.CLOCK_PUBLIC].hex(),
            "both sign until": _time(fields[Field.NOT_BEFORE]),
        }
    else:
        names = {number: name for name, number in limit_numbers().items()}
        said["limits"] = {names.get(n, str(n)): value for n, value in fields[Field.LIMITS].items()}
    return {**said, "must sign": request.threshold, "signed": request.signed, "missing": request.missing}


def _reason(number: int) -> str:
    return Reason(number).name.lower() if number in set(Reason) else str(number)


def _time(ms: int) -> str:
    return dt.datetime.fromtimestamp(ms / 1000, _VIETNAM).isoformat(sep=" ", timespec="seconds")
