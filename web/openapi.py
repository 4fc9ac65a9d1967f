"""GET /openapi.json: the API as it is, made from the models that check it.

A test compares this table with the routes of the application, so that neither can go alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web import day_schemas, people_schemas, schemas
from web.problems import CODES

__all__ = ["OPERATIONS", "Operation", "document"]

_NUMBER = {"number": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{9}[A-Z]{2}$", "example": "ZK473124829VN"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address.

    Attributes:
        method: small letters.
        path: with {name} places.
        says: one sentence.
        body: the model that checks the body, or None.
        answer: the model of the answer, or None for other media.
        media: media type of an answer without model.
        query: names of query parameters, with their description.
        refusals: statuses beyond 400, 401, 403 and 429, which every operation may give.
        status: of the answer.
        is_open: needs no session.
    """

    method: str
    path: str
    says: str
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    media: str = "application/json"
    query: tuple[tuple[str, str], ...] = ()
    refusals: tuple[int, ...] = ()
    status: int = 200
    is_open: bool = False


OPERATIONS = (
    Operation(method="get", path="/api/v1/me", says="Who is signed in, and the chain of the named device key.",
              answer=people_schemas.MeAnswer, query=(("kid", "16 hex digits naming the browser's key"),)),
    Operation(method="post", path="/api/v1/devices", says="Enrol a device key for the signed-in person.",
              body=people_schemas.DeviceForm, answer=people_schemas.DeviceAnswer, refusals=(409, 413, 422)),
    Operation(method="get", path="/api/v1/enrolments/{code_hash}", says="What has come of the code on a supervisor's screen.",
              refusals=(404,)),
    Operation(method="post", path="/api/v1/enrolments/look", says="Whose device a code is for.",
              body=people_schemas.CodeForm, refusals=(400, 409, 413, 429), is_open=True),
    Operation(method="post", path="/api/v1/enrolments/claim", says="Come with a key; the code is used up.",
              body=people_schemas.ClaimForm, refusals=(400, 409, 413, 429), is_open=True),
    Operation(method="post", path="/api/v1/enrolments/finish", says="Be signed in once the supervisor has approved.",
              body=people_schemas.TicketForm, refusals=(400, 409, 413, 429), is_open=True),
    Operation(method="get", path="/api/v1/bundle", says="Keys and checkpoint for checking labels on the device."),
    Operation(method="get", path="/api/v1/day", says="What a shift needs with no network; 304 where nothing changed (ETag).",
              answer=day_schemas.DayAnswer, query=(("since", "index of the log from which entries about keys are wanted"),)),
    Operation(method="post", path="/api/v1/events", says="Append signed entries; answers when they are durable.",
              body=schemas.EventsForm, answer=schemas.EventsAnswer, refusals=(413, 503)),
    Operation(method="post", path="/api/v1/refusals", says="Say what had happened with an entry that was refused.",
              body=schemas.ExplanationForm, status=204, refusals=(404, 413)),
    Operation(method="get", path="/api/v1/items/{number}", says="State, holder, findings and verdict of an item.",
              answer=schemas.ItemAnswer, refusals=(404,), query=(("label", "digest of the label in hand, hex"),)),
    Operation(method="get", path="/api/v1/items/{number}/dossier", says="The evidence file.",
              media="application/zip", refusals=(404,)),
    Operation(method="post", path="/api/v1/items/{number}/relabel", says="A new label, one instance higher.",
              body=schemas.RelabelForm, answer=schemas.LabelAnswer, refusals=(404, 409, 413)),
    Operation(method="post", path="/api/v1/labels", says="Accept an item: number, label, and what to sign.",
              body=schemas.AcceptanceForm, answer=schemas.LabelAnswer, refusals=(413, 422)),
    Operation(method="post", path="/api/v1/bags", says="A bag about to be closed: number, label, and what to sign.",
              body=schemas.BagForm, answer=schemas.LabelAnswer, refusals=(413, 422)),
    Operation(method="post", path="/api/v1/items/{number}/glass", says="Keep what was signed on a courier's screen.",
              body=schemas.GlassForm, status=204, refusals=(404, 409, 413)),
    Operation(method="get", path="/api/v1/slips/{number}", says="Whether a paper slip of the office may be used.",
              answer=schemas.SlipAnswer, refusals=(404,)),
    Operation(method="post", path="/api/v1/items/{number}/slip", says="Keep what stood on a paper slip.",
              body=schemas.SlipForm, status=204, refusals=(404, 409, 413)),
    Operation(method="post", path="/api/v1/labels/{number}/print", says="Send a label to a printer of the house.",
              body=schemas.PrintForm, answer=schemas.PrintAnswer, refusals=(404, 409, 413, 503)),
    Operation(method="get", path="/api/v1/printers", says="The printers that the office may print on.",
              answer=people_schemas.PrintersAnswer),
    Operation(method="get", path="/api/v1/printers/{name}/state", says="How a printer is: ready, trouble, off or unknown, in words.",
              answer=people_schemas.PrinterStateAnswer, refusals=(404, 503)),
    Operation(method="get", path="/api/v1/people", says="People who may take an item.", answer=schemas.PeopleAnswer,
              query=(("role", "role name"), ("office", "office code"), ("agency", "agency code"), ("q", "part of a name"))),
    Operation(method="post", path="/api/v1/scans", says="Write down a reading that led to no event.",
              body=schemas.ScanForm, status=204, refusals=(413,)),
    Operation(method="post", path="/api/v1/decode", says="Read the codes in a picture; the picture is dropped.",
              answer=schemas.DecodeAnswer, refusals=(413, 422)),
    Operation(method="post", path="/api/v1/witness", says="Certify a key that countersigns for a second person in this browser, for 15 minutes.",
              body=people_schemas.WitnessForm, answer=people_schemas.WitnessAnswer, refusals=(409, 413, 422)),
    Operation(method="get", path="/log/checkpoint", says="The newest signed checkpoint (C2SP), cosigned or not yet.",
              media="text/plain"),
    Operation(method="get", path="/log/cosigned", says="The newest checkpoint that enough witnesses have cosigned.",
              media="text/plain", refusals=(404,)),
    Operation(method="get", path="/log/consistency", says="The proof that an older log is a prefix: base64 lines.",
              media="text/plain", refusals=(404,), query=(("from", "older size"), ("to", "newer size, else the newest"))),
    Operation(method="get", path="/log/receipt/{index}", says="The receipt of an entry: tlog-proof, or RFC 9942 (application/cose).",
              media="text/plain", refusals=(404,), query=(("form", "cose for RFC 9942, else tlog-proof"),)),
    Operation(method="get", path="/log/tile/{path}", says="A tile or entry bundle (C2SP tlog-tiles).",
              media="application/octet-stream", refusals=(404,)),
    Operation(method="get", path="/healthz", says="Whether the service works, and what it can read.", is_open=True),
    Operation(method="get", path="/metrics", says="Figures for Prometheus.", media="text/plain", is_open=True),
    Operation(method="get", path="/openapi.json", says="This document.", is_open=True),
    Operation(method="get", path="/messages/{lang}.json", says="Texts of the browser's pages.", is_open=True, refusals=(404,)),
)  # fmt: skip
_MULTIPART = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["image"],
            "properties": {"image": {"type": "string", "format": "binary"}},
        }
    }
}


def _ref(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found = [
        {
            "name": part[1:-1],
            "in": "path",
            "required": True,
            "schema": _NUMBER.get(part[1:-1], {"type": "string"}),
        }
        for part in operation.path.replace(".json", "").split("/")
        if part.startswith("{")
    ]
    queries: list[dict[str, Any]] = [
        {"name": name, "in": "query", "required": False, "description": says, "schema": {"type": "string"}}
        for name, says in operation.query
    ]
    return found + queries


def _operation(operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.says}
    if operation.answer is not None:
        answer["content"] = {"application/json": {"schema": _ref(operation.answer)}}
    elif operation.status != 204:
        is_json = operation.media == "application/json"
        answer["content"] = {
            operation.media: {"schema": {"type": "object"} if is_json else {"type": "string"}}
        }
    general = () if operation.is_open else (400, 401, 403, 429)
    statuses = sorted({*general, *operation.refusals})
    problem = {"application/problem+json": {"schema": _ref(schemas.Problem)}}
    refusals = {
        str(status): {
            "description": "; ".join(code for code, (its, _title, _hint) in CODES.items() if its == status),
            "content": problem,
        }
        for status in statuses
    }
    made: dict[str, Any] = {
        "summary": operation.says,
        "parameters": _parameters(operation),
        "responses": {str(operation.status): answer, **refusals},
        "security": [] if operation.is_open else [{"session": []}],
    }
    if operation.body is not None:
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(operation.body)}},
        }
    elif operation.method == "post":
        made["requestBody"] = {"required": True, "content": _MULTIPART}
    return made


def document() -> dict[str, Any]:
    """Give the OpenAPI 3.1 document."""
    models: set[type[BaseModel]] = {schemas.Problem}
    models |= {model for one in OPERATIONS for model in (one.body, one.answer) if model is not None}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, made = models_json_schema(
        [(model, "validation") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _operation(one)
    session = {"type": "apiKey", "in": "cookie", "name": "tram_session"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Trạm", "version": "1", "description": "Chain of custody for sealed mail."},
        "paths": paths,
        "components": {"schemas": made.get("$defs", {}), "securitySchemes": {"session": session}},
    }
