"""A key file at rest: a seed under a passphrase, in text that says of itself what it is (docs/spec/keys.md).

    tram-key-2
    public  <64 hex>                    whose key it is, to be read without the passphrase
    kdf     scrypt 32768 8 1 <32 hex>   n, r, p and salt
    box     <144 hex>                   XSalsa20-Poly1305: nonce, then the seed
    sum     <16 hex>                    SHA-256 of the lines above, cut: damage is told from a wrong passphrase

The only file that knows the box; `custody.ed25519` knows the rest of PyNaCl.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final, NoReturn

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from custody.cose import kid_of
from custody.ed25519 import SEED_BYTES, public_of
from db.errors import KeyFileError, PassphraseError

__all__ = ["LEAST_PASSPHRASE", "Box", "Passphrase", "read_box", "seal"]

LEAST_PASSPHRASE: Final = 12
"""Characters. Nobody counts them as entropy; fewer are certainly too few."""
_HEADER: Final = "tram-key-2"
_N, _R, _P = 1 << 15, 8, 1  # 32 MiB and about a tenth of a second a guess
_MOST_BYTES: Final = 1 << 30  # a file must not make its reader run out of memory
_MOST_P: Final = 16
_SALT_BYTES: Final = 16
_FORM: Final = re.compile(
    r"(?P<head>tram-key-2\n"
    r"public  (?P<public>[0-9a-f]{64})\n"
    r"kdf     scrypt (?P<n>[0-9]{1,8}) (?P<r>[0-9]{1,3}) (?P<p>[0-9]{1,3}) (?P<salt>[0-9a-f]{32})\n"
    r"box     (?P<box>[0-9a-f]{144})\n)"
    r"sum     (?P<sum>[0-9a-f]{16})\n",
    re.ASCII,
)


class Passphrase:
    """What opens key files. It is shown nowhere: not in a repr, not in an error, not in a pickle."""

    __slots__ = ("_derived", "_text")

    def __init__(self, text: str) -> None:
        """Take a passphrase as typed; the ways of writing one Vietnamese letter are made one (NFC).

        Raises:
            PassphraseError: it is too short.
        """
        self._text = unicodedata.normalize("NFC", text).encode()
        self._derived: dict[tuple[int, int, int, bytes], bytes] = {}
        if len(text) < LEAST_PASSPHRASE:
            raise PassphraseError(
                f"passphrase of {len(text)} characters, not {LEAST_PASSPHRASE} or more",
                hint="Five or six words that do not belong together are good.",
            )

    def derive(self, n: int, r: int, p: int, salt: bytes) -> bytes:
        """Return the 32-byte box key by scrypt (RFC 7914); asked again, it costs nothing."""
        asked = (n, r, p, salt)
        if asked not in self._derived:
            memory = 128 * r * (n + p + 2)
            self._derived[asked] = hashlib.scrypt(
                self._text, salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=SecretBox.KEY_SIZE
            )
        return self._derived[asked]

    def salt(self, n: int, r: int, p: int) -> bytes:
        """Return a salt to seal with: one that a file of these numbers has already, else a new one.

        The files of a site share one, so that they open with one derivation. Their nonces differ.
        """
        known = (salt for *numbers, salt in self._derived if numbers == [n, r, p])
        return next(known, None) or secrets.token_bytes(_SALT_BYTES)

    def __repr__(self) -> str:
        """Say what it is, and nothing of what it says."""
        return "Passphrase(...)"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled.

        Raises:
            TypeError: always.
        """
        raise TypeError("a passphrase is not pickled")


@dataclass(frozen=True, slots=True)
class Box:
    """A key file that was read and not opened.

    Attributes:
        public: 32 bytes, whose key it claims to be.
        kdf: n, r, p of scrypt.
        salt: 16 bytes.
        box: nonce (24) and sealed seed (48).
    """

    public: bytes
    kdf: tuple[int, int, int]
    salt: bytes
    box: bytes

    def open(self, passphrase: Passphrase) -> bytes:
        """Return the 32-byte seed.

        Raises:
            PassphraseError: it is another passphrase.
            KeyFileError: what the box holds is not the key that the file names.
        """
        try:
            seed = SecretBox(passphrase.derive(*self.kdf, self.salt)).decrypt(self.box)
        except CryptoError:
            raise PassphraseError(f"wrong passphrase for key {kid_of(self.public).hex()}") from None
        if len(seed) != SEED_BYTES or public_of(seed) != self.public:
            raise KeyFileError(f"key file of {kid_of(self.public).hex()} holds another key")
        return seed


def seal(seed: bytes, passphrase: Passphrase) -> str:
    """Return the key file of a 32-byte *seed* under *passphrase*, each time with a new nonce."""
    salt = passphrase.salt(_N, _R, _P)
    sealed = SecretBox(passphrase.derive(_N, _R, _P, salt)).encrypt(
        seed, secrets.token_bytes(SecretBox.NONCE_SIZE)
    )
    head = (
        f"{_HEADER}\npublic  {public_of(seed).hex()}\nkdf     scrypt {_N} {_R} {_P} {salt.hex()}\n"
        f"box     {bytes(sealed).hex()}\n"
    )
    return f"{head}sum     {_sum(head)}\n"


def read_box(text: str) -> Box | None:
    """Return what a key file says of itself, or None where it is not of this kind.

    Raises:
        KeyFileError: it is of this kind and damaged, or asks for more memory than any file should.
    """
    if not text.startswith(_HEADER):
        return None
    found = _FORM.fullmatch(text)
    if not found or found["sum"] != _sum(found["head"]):
        raise KeyFileError(
            "key file is damaged", hint="Take the copy that was put away when the key was made."
        )
    n, r, p = int(found["n"]), int(found["r"]), int(found["p"])
    is_sound = n >= _N and n & (n - 1) == 0 and r >= _R and _P <= p <= _MOST_P
    if not is_sound or 128 * n * r > _MOST_BYTES:
        raise KeyFileError(
            f"key file asks for scrypt with n={n} r={r} p={p}", hint="Such a file is not ours."
        )
    public, salt, box = (bytes.fromhex(found[name]) for name in ("public", "salt", "box"))
    return Box(public, (n, r, p), salt, box)


def _sum(head: str) -> str:
    return hashlib.sha256(head.encode()).hexdigest()[:16]
