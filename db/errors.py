"""Errors of the store: each has a stable code for machines and a hint for people."""

from __future__ import annotations

from custody.errors import CustodyError

__all__ = [
    "AppendError",
    "ClockError",
    "KeyFileError",
    "LedgerError",
    "PassphraseError",
    "RequestError",
    "SiteError",
    "StoreError",
    "WitnessError",
]


class StoreError(CustodyError):
    """Base of every error of this package; never raised itself."""

    code = "store"


class LedgerError(StoreError):
    """The stored log contradicts itself, so nothing may be appended to it."""

    code = "log-broken"
    hint = "Stop the service, keep the files as they are, run the audit, and restore the last good backup."


class AppendError(StoreError):
    """An append did not become durable; the same entries may be sent again."""

    code = "not-stored"
    hint = "Send the same entries again; what was stored is answered as a duplicate."


class ClockError(StoreError):
    """The server's clock says a time that the log must not sign."""

    code = "clock"
    hint = "Put the server's clock right; or, if it is right, restart the service."


class KeyFileError(StoreError):
    """A key file is missing, malformed or readable by others."""

    code = "key-file"
    hint = "Key files belong to the service's account alone: chmod 600."


class PassphraseError(StoreError):
    """A key file does not open with the passphrase, or none was given."""

    code = "passphrase"
    hint = "Give it with --passphrase-file, a file of mode 0600, or type it where it is asked for."


class RequestError(StoreError):
    """A request for what only root keys together may say is not one, or is not signed as it should be."""

    code = "key-request"
    hint = "Look at it with `tram keys root show FILE`."


class SiteError(StoreError):
    """A directory is not a site, or is one already."""

    code = "site"
    hint = "Name the directory with --data or DATA."


class WitnessError(StoreError):
    """A witness does not answer, or its own folder does not hold together."""

    code = "witness"
    hint = "Ask the authority that runs the witness; the service goes on without it."
