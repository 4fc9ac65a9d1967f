"""Receipts of entries that are in the log already, in the two forms that others read."""

from __future__ import annotations

from custody.cose_receipt import sign_cose_receipt
from custody.merkle import inclusion_path
from db.site import Site

__all__ = ["cose_receipt"]


def cose_receipt(site: Site, index: int) -> bytes:
    """Return the RFC 9942 receipt of an entry under the newest checkpoint.

    Raises:
        ProofError: the log is not that long.
    """
    head, ledger = site.ledger.newest(), site.ledger
    path = inclusion_path(index, head.size, ledger.node)
    pair, _ = site.log_keys.at(head.size)
    seed = ledger.signer.seed_of(pair.log.public)
    return sign_cose_receipt(index, head.size, path, head.root, origin=site.origin, seed=seed)
