"""The label KT1-L1: 92 bytes, printed as 224 decimal digits (docs/spec/label.md).

Digits only, because no keyboard layout and no Vietnamese input method can turn a digit into something else.
A label proves who issued the number. It is copyable: the seal, the single custodian and the log do the rest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from custody import ed25519, s10
from custody.errors import FormatError, NumberError, SignatureError

__all__ = [
    "DIGITS",
    "LABEL_BYTES",
    "UNSEALED",
    "Label",
    "commit_seal",
    "digest_of",
    "issue_label",
    "normalise_seal",
    "parse_digits",
    "parse_label",
    "seal_tag",
    "verify_label",
]

LABEL_BYTES: Final = 92
DIGITS: Final = 224
UNSEALED: Final = bytes(8)  # seal bound later, by REGISTER
_BODY_BYTES: Final = 28
_VERSION_SUITE: Final = 0x11  # version 1, suite 1 (Ed25519, libsodium semantics)
_SIGNATURE_DOMAIN: Final = b"KT1-LABEL-v1\0"
_SEAL_DOMAIN: Final = b"KT1-SEAL-v1\0"
_TAG_DOMAIN: Final = b"KT1-SEALTAG-v1\0"
_BODY_DIGITS: Final = 222
_MODULUS: Final = 97  # ISO 7064 MOD 97-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label as it is printed.

    Attributes:
        kid4: random 4-byte registry number of the label-issuing key; says nothing about the office.
        item: item number, 6 bytes packed.
        instance: 0 to 255; a replaced label has a higher one and retires the older.
        day: issue day since 2024-01-01 at +07:00.
        nonce: 6 random bytes, the salt of the seal commitment.
        seal_commitment: 8 bytes of `commit_seal`, or `UNSEALED`.
        signature: 64 bytes over the 28-byte body.
    """

    kid4: bytes
    item: bytes
    instance: int
    day: int
    nonce: bytes
    seal_commitment: bytes
    signature: bytes = bytes(64)

    @property
    def body(self) -> bytes:
        """The 28 signed bytes."""
        return b"".join(
            (
                bytes((_VERSION_SUITE,)),
                self.kid4,
                self.item,
                bytes((self.instance,)),
                self.day.to_bytes(2, "big"),
                self.nonce,
                self.seal_commitment,
            )
        )

    @property
    def raw(self) -> bytes:
        """The 92 bytes."""
        return self.body + self.signature

    @property
    def digits(self) -> str:
        """The 224 decimal digits of the QR code: 222 of the integer, 2 of ISO 7064 MOD 97-10."""
        text = str(int.from_bytes(self.raw, "big")).zfill(_BODY_DIGITS)
        return f"{text}{98 - int(text) * 100 % _MODULUS:02d}"

    @property
    def digest(self) -> bytes:
        """The 16 bytes by which events cite this label."""
        return digest_of(self.raw)

    @property
    def number(self) -> str:
        """The 13-character item number."""
        return s10.unpack_number(self.item)

    @property
    def uid(self) -> bytes:
        """The 8-byte uid; a replaced label keeps the day of the first, so that the uid stays."""
        return s10.uid_of(self.item, self.day)


def digest_of(raw: bytes) -> bytes:
    """Return the 16 bytes by which events cite a label of 92 *raw* bytes."""
    return hashlib.sha256(raw).digest()[:16]


def issue_label(
    *, number: str, instance: int, day: int, nonce: bytes, kid4: bytes, seal_commitment: bytes, seed: bytes
) -> Label:
    """Return a label signed with the issuing key's 32-byte *seed*.

    Raises:
        NumberError: *number* is not a valid item number.
        FormatError: a field has the wrong length or range (L01).
    """
    lengths = {"kid4": (kid4, 4), "nonce": (nonce, 6), "seal_commitment": (seal_commitment, 8)}
    for name, (value, length) in lengths.items():
        if len(value) != length:
            raise FormatError(f"{name} of {len(value)} bytes, not {length}", finding="L01")
    if not 0 <= instance <= 255 or not 0 <= day <= 0xFFFF:
        raise FormatError(f"instance {instance} or day {day} out of range", finding="L01")
    unsigned = Label(
        kid4=kid4,
        item=s10.pack_number(number),
        instance=instance,
        day=day,
        nonce=nonce,
        seal_commitment=seal_commitment,
    )
    return replace(unsigned, signature=ed25519.sign(seed, _SIGNATURE_DOMAIN + unsigned.body))


def parse_digits(text: str) -> Label:
    """Return the label of 224 digits. Does not check the signature.

    Raises:
        FormatError: not 224 digits, check digits wrong or 2^736 and above (L01: misread, not forged);
            a version or suite we do not know (L11).
    """
    if len(text) != DIGITS or not (text.isascii() and text.isdigit()):
        raise FormatError(f"label of {len(text)} characters, not {DIGITS} digits", finding="L01")
    value, check = divmod(int(text), 100)
    if check < 2 or int(text) % _MODULUS != 1:
        raise FormatError("label check digits do not match", finding="L01")
    if value >= 1 << (LABEL_BYTES * 8):
        raise FormatError("label value is above 2^736", finding="L01")
    return parse_label(value.to_bytes(LABEL_BYTES, "big"))


def parse_label(raw: bytes) -> Label:
    """Return the label of 92 bytes. Does not check the signature.

    Raises:
        FormatError: wrong length or impossible number (L01), unknown version or suite (L11).
    """
    if len(raw) != LABEL_BYTES:
        raise FormatError(f"label of {len(raw)} bytes, not {LABEL_BYTES}", finding="L01")
    if raw[0] != _VERSION_SUITE:
        raise FormatError(f"label version and suite 0x{raw[0]:02x} are not 0x11", finding="L11")
    try:
        s10.unpack_number(raw[5:11])
    except NumberError as error:
        raise FormatError(f"label names no possible item: {error}", finding="L01") from error
    return Label(
        kid4=raw[1:5],
        item=raw[5:11],
        instance=raw[11],
        day=int.from_bytes(raw[12:14], "big"),
        nonce=raw[14:20],
        seal_commitment=raw[20:_BODY_BYTES],
        signature=raw[_BODY_BYTES:],
    )


def verify_label(label: Label, public: bytes) -> None:
    """Check the label's signature. Does not check that the key was valid on that day, nor the register.

    Raises:
        SignatureError: the signature is not *public*'s over the body (L02).
    """
    if not ed25519.verify(public, _SIGNATURE_DOMAIN + label.body, label.signature):
        raise SignatureError(f"signature of label {label.number} does not verify", finding="L02")


def normalise_seal(serial: str) -> str:
    """Return a seal serial as it is committed: capitals, without blanks, dots and dashes."""
    return "".join(character for character in serial.upper() if character not in " .-\t")


def commit_seal(*, nonce: bytes, item: bytes, seal_type: int, serial: str) -> bytes:
    """Return the 8-byte commitment SHA-256(domain || nonce || item || type || serial)[:8].

    Args:
        nonce: the label's 6 bytes.
        item: the item number, 6 bytes packed.
        seal_type: 1 for a numbered seal; 0 to 255.
        serial: the number on the seal, ASCII, normalised here.

    Raises:
        FormatError: an empty serial, or characters that no seal carries.
    """
    material = _SEAL_DOMAIN + nonce + item + bytes((seal_type,)) + _seal_text(serial)
    return hashlib.sha256(material).digest()[:8]


def seal_tag(*, salt: bytes, seal_type: int, serial: str) -> bytes:
    """Return the 8-byte tag SHA-256(domain || salt || type || serial)[:8] by which the log knows one seal of a lot.

    The same seal has the same tag wherever it is put on; without the lot's salt it says nothing of the number.

    Args:
        salt: the lot's 16 bytes.
        seal_type: 1 for a numbered seal; 0 to 255.
        serial: the number on the seal, ASCII, normalised here.

    Raises:
        FormatError: an empty serial, or characters that no seal carries.
    """
    material = _TAG_DOMAIN + salt + bytes((seal_type,)) + _seal_text(serial)
    return hashlib.sha256(material).digest()[:8]


def _seal_text(serial: str) -> bytes:
    text = normalise_seal(serial)
    if not text or not (text.isascii() and text.isalnum()) or len(text) > 32:
        raise FormatError(f"seal number {serial!r} is not 1 to 32 letters and digits")
    return text.encode("ascii")
