"""Who may write which system entry: root, authority, office, and what each of them may make or end."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from custody.certificate import Certificate
from custody.event import Event, EventType, Field
from custody.roles import Role

__all__ = ["OWN_WORD", "Subject", "may_write", "subject_of"]

OWN_WORD: Final = frozenset((EventType.DEVICE_HEAD, EventType.PAPER_ANCHOR))
"""What any certified key says for itself: evidence, which comes in whatever has become of the key."""
_OF_THE_LOG: Final = frozenset((EventType.HEADMAP, EventType.LOGKEY))
_OF_KEYS: Final = frozenset((EventType.KEY_CERT, EventType.KEY_REVOKE))


@dataclass(frozen=True, slots=True)
class Subject:
    """A key that is made or ended, as far as it matters who may.

    Attributes:
        roles: what it may sign for.
        offices: office codes it is bound to.
        signs_labels: it has a name on labels.
        speaks_for_agency: it takes for a body.
    """

    roles: frozenset[int]
    offices: frozenset[int]
    signs_labels: bool
    speaks_for_agency: bool

    @property
    def is_for_roots(self) -> bool:
        """Whether only root keys make or end it: a root, an authority, a key of the log."""
        heads = {Role.ROOT, Role.LOG} | (set() if self.offices else {Role.ENROL})
        return bool(self.roles & heads)


def subject_of(what: Event | Certificate) -> Subject:
    """Return what a KEY_CERT makes, or what the revocation of a certified key ends."""
    if isinstance(what, Certificate):
        offices = frozenset(what.offices)
        return Subject(frozenset(what.roles), offices, bool(what.kid4), what.agency is not None)
    fields = what.fields
    return Subject(
        frozenset(fields[Field.ROLES]),
        frozenset(fields[Field.OFFICES]),
        bool(fields.get(Field.KID4)),
        Field.AGENCY in fields,
    )


def may_write(issuer: Certificate, kind: EventType, subjects: Iterable[Subject] = ()) -> bool:
    """Say whether *issuer* may write a system entry of *kind*, which makes or ends *subjects*.

    A root may write every one, with other roots up to the threshold; an authority everything but what is for
    roots; an office's enrolment key certifies and revokes the keys of its own offices, which speak for no body.
    """
    if kind in OWN_WORD:
        return True
    if kind in _OF_THE_LOG and Role.LOG in issuer.roles:
        return True
    if kind is EventType.LOGKEY:
        return False
    if issuer.is_root:
        return True
    if issuer.is_authority:
        return not any(subject.is_for_roots for subject in subjects)
    return (
        issuer.is_office
        and kind in _OF_KEYS
        and all(_within(subject, issuer.offices) for subject in subjects)
    )


def _within(subject: Subject, offices: Collection[int]) -> bool:
    """Whether it is an ordinary key, bound to some of *offices* and to no other, and to no body."""
    special = bool({Role.ROOT, Role.LOG, Role.ENROL, Role.WITNESS} & subject.roles)
    if special or subject.signs_labels or subject.speaks_for_agency:
        return False
    return bool(subject.offices) and subject.offices <= set(offices)
