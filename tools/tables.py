"""Write web/verifier/src/tables.json: the vocabulary of the formats, for the verifier that runs in a browser.

    python -m tools.tables

Data only (ADR 13): names and numbers, which event carries what, the table of transitions, who may sign, the texts
of findings, the limits that hold without a POLICY. What is *done* with them is written a second time, by hand.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from custody.fields import ADMITTED, CHAIN_TYPES, CONTAINER_TYPES, REQUIRED, EventType, Field
from custody.findings import CATALOGUE
from custody.machine import (
    AT_HAND,
    CONTAINER_TRANSITIONS,
    GENESIS,
    OBSERVATIONS,
    ROLES,
    TERMINAL,
    TRANSITIONS,
    TWO_PERSON,
    State,
)
from custody.policy import Policy, limit_numbers
from custody.promise import ATTEMPTS
from custody.roles import CUSTODY_ROLES, Role
from custody.rules import BLOCKING, MARKS
from custody.text import UNPRINTABLE
from custody.verify import NOT_PROVEN, QUORUM_STEP, STEPS

TABLES = Path(__file__).parent.parent / "web" / "verifier" / "src" / "tables.json"


def tables() -> dict[str, Any]:
    """Return the tables, plain enough for JSON."""
    return {
        "types": {kind.name: int(kind) for kind in EventType},
        "containerTypes": _sorted(CONTAINER_TYPES),
        "chainTypes": _sorted(CHAIN_TYPES),
        "fields": {field.name: int(field) for field in Field},
        "required": {str(int(kind)): _sorted(fields) for kind, fields in sorted(REQUIRED.items())},
        "admitted": {str(int(kind)): _sorted(fields) for kind, fields in sorted(ADMITTED.items())},
        "unprintable": UNPRINTABLE,
        "roles": {role.name: int(role) for role in Role},
        "custodyRoles": _sorted(CUSTODY_ROLES),
        "states": {state.name: int(state) for state in State},
        "terminal": _sorted(TERMINAL),
        "observations": _sorted(OBSERVATIONS),
        "genesis": _sorted(GENESIS),
        "atHand": _sorted(AT_HAND),
        "attempts": _sorted(ATTEMPTS),
        "transitions": _cells(TRANSITIONS),
        "containerTransitions": _cells(CONTAINER_TRANSITIONS),
        "signers": {str(int(kind)): _sorted(roles) for kind, roles in sorted(ROLES.items())},
        "seconds": {str(int(kind)): _sorted(roles) for kind, roles in sorted(TWO_PERSON.items())},
        "marks": {str(int(kind)): code for kind, code in sorted(MARKS.items())},
        "blocking": sorted(BLOCKING),
        "limits": {name: [number, getattr(Policy(), name)] for name, number in limit_numbers().items()},
        "findings": {
            code: [kind.severity.value, kind.text, kind.advice] for code, kind in sorted(CATALOGUE.items())
        },
        "steps": [*STEPS, QUORUM_STEP],
        "notProven": NOT_PROVEN,
    }


def render() -> str:
    """Return the file's text: one line for each row, so that a change can be read."""
    parts = [f" {json.dumps(name)}: {_part(value)}" for name, value in tables().items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _part(value: Any) -> str:
    if isinstance(value, dict):
        rows = (f"  {json.dumps(key)}: {json.dumps(row, ensure_ascii=False)}" for key, row in value.items())
        return "{\n" + ",\n".join(rows) + "\n }"
    return json.dumps(value, ensure_ascii=False)


def _cells(table: Mapping[tuple[State, EventType], State | None]) -> list[list[int | None]]:
    return [
        [int(state), int(kind), None if target is None else int(target)]
        for (state, kind), target in sorted(table.items())
    ]


def _sorted(numbers: Iterable[int]) -> list[int]:
    return sorted(int(number) for number in numbers)


def main() -> None:
    """Rewrite the file where it is out of date."""
    text = render()
    if not TABLES.exists() or TABLES.read_text(encoding="utf-8") != text:
        TABLES.write_text(text, encoding="utf-8")
        print(TABLES.name)


if __name__ == "__main__":
    main()
