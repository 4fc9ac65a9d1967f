"""The bodies of the API, strict: no coercion, no unknown key. `openapi.py` documents what is written here."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from flask import request
from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from web.problems import ProblemError

__all__ = [
    "AcceptanceForm", "BagForm", "DecodeAnswer", "EventsAnswer", "EventsForm", "ExplanationForm",
    "GlassForm", "ItemAnswer", "LabelAnswer", "PeopleAnswer", "PrintAnswer", "PrintForm", "Problem",
    "RelabelForm", "ScanForm", "SlipAnswer", "SlipForm", "read_body",
]  # fmt: skip

Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]*$", max_length=4096)]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Kid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Line = Annotated[str, StringConstraints(max_length=200)]
Moment = Annotated[int, Field(ge=0, le=1 << 48, description="unix milliseconds, UTC")]


class Strict(BaseModel):
    """A body that means what it says."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class EventsForm(Strict):
    """Signed entries, base64url without padding of COSE_Sign1."""

    entries: Annotated[
        list[Annotated[str, StringConstraints(max_length=80_000)]], Field(min_length=1, max_length=1000)
    ]


_UNANSWERED = (
    9  # no mark of the law: an unanswered question is refused with its field's reason, never read as "none"
)


class AcceptanceForm(Strict):
    """The counter's form. No field for content, title or abstract (A3, E7)."""

    sender: Annotated[int, Field(ge=0, le=999_999_999)]
    recipient: Annotated[int, Field(ge=0, le=999_999_999)]
    kind: Annotated[int, Field(ge=0, le=9, description="1 letter, 2 packet, 3 parcel")]
    secrecy: Annotated[int, Field(ge=0, le=9, description="0 none, 1 A, 2 B, 3 C")] = _UNANSWERED
    urgency: Annotated[int, Field(ge=0, le=9, description="0 none, 1 Hỏa tốc, 2 Hẹn giờ")] = _UNANSWERED
    due_ms: Moment | None = None
    seal: Annotated[str, StringConstraints(max_length=40)]
    mass_g: Annotated[int, Field(ge=0, le=100_000)]
    declared_two_covers: bool = False
    declared_sealed: bool = False
    declared_content: bool = False
    declared_stamped: bool = False
    check: Annotated[
        int, Field(ge=0, le=9, description="0 none, 1 X-ray, 2 opened by sender, 3 not by law")
    ] = 0
    check_result: Annotated[int, Field(ge=0, le=9, description="0 none, 1 passed, 2 failed")] = 0
    clerk_name: Annotated[str, StringConstraints(max_length=200)]
    only_named: bool = False
    named_person: Annotated[str, StringConstraints(max_length=200)] = ""
    named_duty: Annotated[str, StringConstraints(max_length=200)] = ""
    stock: Annotated[
        str,
        StringConstraints(max_length=300),
        Field(description="label printed in advance: digits or number"),
    ] = ""


class BagForm(Strict):
    """A bag that is about to be closed."""

    seal: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    stock: Annotated[
        str,
        StringConstraints(max_length=300),
        Field(description="bag label printed in advance: digits or number"),
    ] = ""


class GlassForm(Strict):
    """What somebody signed on a courier's screen, exactly as the delivery's digest covers it."""

    drawing: Annotated[
        str,
        StringConstraints(min_length=1, max_length=60_000),
        Field(description='JSON {"v":1,"name":text,"strokes":[[x,y,...],...]}, coordinates 0 to 1000'),
    ]


class SlipForm(Strict):
    """What stood on a paper slip, exactly as the signed event's digest covers it."""

    record: Annotated[
        str,
        StringConstraints(min_length=1, max_length=2_000),
        Field(
            description='JSON {"v":1,"slip":number,"item":number,"how":"delivered" or "handed","giver":text,'
            '"taker":text,"at":"2026-11-20T09:15"}'
        ),
    ]


class SlipAnswer(BaseModel):
    """Whether something may be recorded from a paper slip."""

    number: str
    free: bool
    struck: bool


class RelabelForm(Strict):
    """A new label for an item; its seal stays."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PrintForm(Strict):
    """A label straight to a printer of the house."""

    printer: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    reason: Line = ""
    destination: Annotated[int, Field(ge=0, le=999_999_999, description="office that opens a bag")] | None = (
        None
    )


class ScanForm(Strict):
    """One reading, whatever it was: the raw record of attempts (B11, E4)."""

    text: Annotated[str, StringConstraints(max_length=4096)]
    format: Line = ""
    method: Annotated[int, Field(ge=0, le=9)] = 0
    outcome: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    place: Annotated[int, Field(ge=0, le=999_999_999)] | None = None


class ExplanationForm(Strict):
    """What a person says of an entry of theirs that was refused."""

    entry: Annotated[Key, Field(description="SHA-256 of the entry")]
    text: Annotated[str, StringConstraints(min_length=3, max_length=500)]
    place: Annotated[int, Field(ge=0, le=999_999_999)] | None = None


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str
    errors: list[dict[str, str]] | None = None


class Named(BaseModel):
    """A person by pseudonymous id."""

    id: Hex
    name: str


class Place(BaseModel):
    """An office or agency."""

    code: int
    name: str


class EntryProblem(BaseModel):
    """Why one entry was refused: the code of a finding, in words, and what to do next."""

    code: str
    title: str
    detail: str
    hint: str


class Result(BaseModel):
    """What became of one entry."""

    id: Hex
    status: Literal["stored", "duplicate", "refused"]
    index: int | None
    findings: list[str]
    receipt: str | None
    error: EntryProblem | None


class EventsAnswer(BaseModel):
    """One result per entry, in order."""

    results: list[Result]


class Anchor(BaseModel):
    """Newest checkpoint."""

    size: int
    root: Hex


class ItemFinding(BaseModel):
    """A finding in plain words."""

    id: Hex
    code: str
    severity: str
    title: str
    advice: str
    resolved: bool


class Offer(BaseModel):
    """An open offer."""

    id: Hex
    giver: Named
    taker: Named
    expires_ms: int


class NamedPerson(BaseModel):
    """Who alone may open an item, as the counter was told."""

    id: Annotated[Hex | None, Field(description="where it is somebody who signs in here")]
    name: str
    duty: str


class ItemContact(BaseModel):
    """Whom to call at the agency that an item goes to, off hours (A8)."""

    name: str
    duty: str
    phone: str
    hours: str


class BagContent(BaseModel):
    """Something in a bag, and what taking it out needs."""

    uid: Hex
    number: str
    seq: int
    head: Hex
    inside: bool
    leaf: Annotated[list[Any], Field(description="position, salt and path of its LOAD")]
    went_in: Annotated[list[Any], Field(description="position and predecessor of its LOAD")]
    instance: int
    label_digest: Hex


class ItemAnswer(BaseModel):
    """An item as one who is entitled sees it."""

    number: str
    uid: Hex
    state: str
    seq: int
    head: Hex
    custodian: Named | None
    offer: Offer | None
    instance: int
    label: dict[str, str] | None
    seal_commitment: Hex | None
    kind: int | None
    secrecy: int | None
    urgency: int | None
    due_ms: int | None
    sender: Place | None
    recipient: Place | None
    is_container: bool
    container: Annotated[str | None, Field(description="number of the bag that it is in")]
    only_named: bool
    named: Annotated[
        NamedPerson | None,
        Field(description="for its holder and the agency it goes to, while the name is kept"),
    ]
    is_returning: bool
    destination: Annotated[Place | None, Field(description="the office that serves the agency it goes to")]
    contacts: Annotated[list[ItemContact], Field(description="for its holder alone")]
    contents: Annotated[list[BagContent], Field(description="of a bag, for its holder alone")]
    two_couriers: Annotated[bool, Field(description="the policy asks for a second courier's signature")]
    verdict: str
    findings: list[ItemFinding]
    held: bool
    actions: list[str]


class LabelAnswer(BaseModel):
    """A signed label, and what the client must sign to register it."""

    number: str
    uid: Hex
    instance: int
    digits: str
    label_digest: Hex
    register_fields: Annotated[dict[str, Any], Field(alias="register")]
    files: dict[str, str]


class PrintAnswer(BaseModel):
    """What a printer was sent; whether it came out is for eyes to see."""

    printer: str
    prints: int


class Taker(Named):
    """Somebody who may take an item."""

    roles: list[str]
    office: Place | None
    agency: Place | None


class PeopleAnswer(BaseModel):
    """Possible takers."""

    people: list[Taker]


class DecodeAnswer(BaseModel):
    """What stood in a picture."""

    symbols: list[dict[str, Any]]
    suggestion: str | None  # the likeliest number of bars that were not read, if there is such an item
    ms: float


_Body = TypeVar("_Body", bound=Strict)


def read_body(model: type[_Body]) -> _Body:
    """Read the request's JSON as a model.

    Raises:
        ProblemError: bad-json, with the fields that are wrong.
    """
    if request.mimetype != "application/json":
        raise ProblemError("bad-json", _("The body must be application/json."))
    try:
        return model.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        errors = [
            {"field": ".".join(str(part) for part in one["loc"]), "message": one["msg"]}
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise ProblemError("bad-json", _("%(n)s fields are wrong.", n=len(errors)), errors[:20]) from None
