"""The errors of the core. Reading yields values, verifying raises; each error says what to do next."""

from __future__ import annotations


class CustodyError(Exception):
    """Base of every error of ours; never raised itself.

    Attributes:
        code: stable name for machines (API, docs).
        hint: what the reader can do next.
        finding: the finding code that the fault amounts to, or "" where there is none.
    """

    code = "custody"
    hint = ""

    def __init__(self, message: str, *, finding: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.finding = finding
        if hint:
            self.hint = hint


class NumberError(CustodyError):
    """Not an item number of the S10 form, or its check digit is wrong."""

    code = "bad-number"
    hint = "read the 13 characters under the bars again"


class FormatError(CustodyError):
    """Bytes or digits that do not have the required form."""

    code = "malformed"
    hint = "scan again; if it repeats, keep the original bytes and report them"


class SignatureError(CustodyError):
    """A signature does not cover the bytes it stands under."""

    code = "bad-signature"
    hint = "treat the envelope or event as unverified and keep it apart"


class ProofError(CustodyError):
    """A Merkle proof, checkpoint, receipt or dossier does not hold.

    Attributes:
        step: number of the verification step that failed (docs/spec/log.md), 0 where there is only one.
    """

    code = "bad-proof"
    hint = "keep the file as it is and ask for the log of record"

    def __init__(self, message: str, *, step: int = 0, finding: str = "") -> None:
        super().__init__(message, finding=finding)
        self.step = step
