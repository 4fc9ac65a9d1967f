"""Which steps are open to whom is written twice, for the service and for a device alone; one file holds both to it.

`python -m tests.web.test_actions` writes web/client/test/actions.json anew; web/client/test/day.test.ts reads it.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

from web.access import actions_of
from web.accounts import Viewer

FILE = Path(__file__).resolve().parents[2] / "web" / "client" / "test" / "actions.json"
ME, OTHER = b"\1" * 8, b"\2" * 8
OFFICE, AGENCY = 220_001, 5
ROLES = (("courier",), ("issuer", "clerk"), ("recipient",), ("supervisor",), ("security", "courier"), ())
STATES = ("NONE", "HELD", "OFFERED", "LOADED", "QUAR", "DELIVERED")
OFFEREES = (None, ME, OTHER, OFFICE, AGENCY)


def _viewer(roles: tuple[str, ...]) -> Viewer:
    return Viewer(
        id=ME,
        login="an",
        name="An",
        roles=frozenset(roles),
        office=None if "recipient" in roles else OFFICE,
        office_name="",
        agency=AGENCY if "recipient" in roles else None,
        agency_name="",
    )


def cases() -> list[list[Any]]:
    """Give every combination that can matter, and what the service opens in it.

    Returns:
        [roles, state, whether it is the viewer's, taker or None, bag, held, registered and nothing since, steps].
    """
    found = []
    for roles, state, offeree in product(ROLES, STATES, OFFEREES):
        if (state == "OFFERED") != (offeree is not None):
            continue
        for is_mine, is_container, held, early in product((1, 0), (0, 1), (0, 1), (0, 1)):
            row = {
                "state": state,
                "custodian": ME if is_mine else OTHER,
                "offeree": offeree if isinstance(offeree, bytes) else None,
                "offeree_code": offeree if isinstance(offeree, int) else None,
                "is_returning": int(not early),
                "is_container": is_container,
                "seq": 0 if early else 3,
                "issuer": OTHER,
            }
            taker = offeree.hex() if isinstance(offeree, bytes) else offeree and str(offeree)
            steps = actions_of(_viewer(roles), row, held=bool(held), graver=False)
            found.append([" ".join(roles), state, is_mine, taker, is_container, held, early, " ".join(steps)])
    return found


def written() -> str:
    """Give the file, a line a case."""
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases())
    return f"[\n{lines}\n]\n"


def test_what_a_device_opens_is_what_the_service_opens() -> None:
    """The file that the browser's test is held to is what `web.access` says today."""
    assert FILE.read_text(encoding="utf-8") == written()


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
