"""The drill in a real log: every named break and near miss, judged by the views, by the log and by a dossier.

Each is done in a world of its own, whose people and keys nobody else has, through the ledger of a site. What changes
the ground for everybody (routes, hours, seal lots, the root's word) is done in a site of its own beside it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from custody.event import Entry, Event, EventType, Field, parse_event
from custody.findings import Finding
from custody.judge import Chain
from custody.policy import Policy, limit_numbers
from custody.roles import Role
from custody.verify import verify_dossier
from db.dossier import dossier_of
from db.errors import SiteError
from db.itemrows import is_shown
from db.keystore import ROOT
from db.site import Site, create_site
from db.views import findings_of, uid_of_number
from kt1.drill.breaks import BREAKS, NEAR_MISSES
from kt1.drill.world import START_MS, Parcel, Person, World
from kt1.register import Register
from kt1.traffic import Step
from kt1.traffic.breaks import BREAKS as PLANTED

__all__ = ["Outcome", "SetClock", "SiteWorld", "province_outcomes", "run_drill", "write_outcomes"]

APART: Final = "apart"
"""Folder of the sites of their own."""
_HARMLESS: Final = frozenset((EventType.KEY_CERT, EventType.KEY_REVOKE, EventType.POLICY))
_SERIALS: Final = 1_000  # numbers a world may give out
_FIRST: Final = 50_000_000
_MINUTE_MS: Final = 60_000
_GRAVE: Final = "CHM"


class SetClock(Protocol):
    """A clock that is set."""

    now_ms: int

    def __call__(self) -> int:
        """Return the time, unix ms UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was planted, and what was found of it.

    Attributes:
        name: of the break or the near miss.
        kind: "break" or "near miss".
        text: what happened.
        number: of the item or container.
        site: folder of the log that has it, "." for the province's own.
        expected: codes that must be found; of a near miss those of weight that must not.
        found: codes by a fold of the log, as of when it was looked at.
        view: codes in the table of findings; those that time alone makes are not there, nor is what calls itself an
            item and was never registered.
        dossier: codes by `tram verify` of its dossier.
        verdict: by the log.
        agrees: log, view and dossier say the same, and that is what was expected.
    """

    name: str
    kind: str
    text: str
    number: str
    site: str
    expected: tuple[str, ...]
    found: tuple[str, ...]
    view: tuple[str, ...]
    dossier: tuple[str, ...]
    verdict: str
    agrees: bool


class _Founder(Person):
    """The root of a site that exists already."""

    key: bytes

    @property
    def seed(self) -> bytes:
        """32-byte seed of the key."""
        return self.key


class SiteWorld(World):
    """A world of the drill whose log is a site's."""

    def __init__(self, site: Site, clock: SetClock, *, scope: str, serial: int, now_ms: int) -> None:
        """Certify its people in the site's log; its limits are those of `Policy`.

        Args:
            site: the site.
            clock: the site's.
            scope: its name, by which its people differ from all others.
            serial: the number before its first item.
            now_ms: when it begins.
        """
        self.site, self.clock = site, clock
        founding: list[bytes] = []
        super().__init__(
            now_ms=now_ms,
            serial=serial,
            net=site.net,
            kid4=serial.to_bytes(4, "big"),
            scope=f"{scope}/",
            _outbox=founding,
        )
        self._outbox, founded_ms = None, self.now_ms
        self.now_ms = now_ms
        self.append(founding[0])
        self.now_ms = founded_ms
        self.append(*founding[1:])
        plain = {name: getattr(Policy(), name) for name in _SHARED_LIMITS}
        if any(getattr(self.policy, name) != limit for name, limit in plain.items()):
            self.limit(**plain)

    def found(self) -> None:
        """Have the site's root certify this world's enrolment."""
        self.root = _Founder("root", (Role.ROOT,), 0)
        self.root.key = self.site.keys.read(ROOT)
        self.certify(self.enrolment, by=self.root)

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return max(self.heads, default=0)

    def append(self, *raws: bytes, admitted: bool = True) -> Entry:  # noqa: ARG002 -- a site admits or refuses
        """Put signed bytes into the site's log, under one checkpoint; return the last entry.

        Raises:
            SiteError: the log refuses them.
        """
        self.clock.now_ms = self.now_ms
        for result in self.site.ledger.append(raws):
            if result.error is not None:
                raise SiteError(f"the log refuses what {self.scope} signs: {result.error}")
        head = self.site.ledger.head()
        if head is None:
            raise SiteError("the log has no checkpoint")
        entry = Entry(head.size - 1, parse_event(raws[-1]), head.time_ms)
        self.network = self.site.ledger.rules.network
        self.entries.append(entry)
        self.heads[head.size] = (head.root, head.time_ms)
        self.now_ms += _MINUTE_MS
        return entry

    def chain(self, uid: bytes) -> Chain:
        """Fold an item's chain from the log."""
        return self.site.ledger.chain(uid)


_SHARED_LIMITS: Final = tuple(name for name in limit_numbers() if name != "root_threshold")


def run_drill(
    site: Site,
    clock: SetClock,
    *,
    names: Collection[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Outcome]:
    """Do every break and near miss in a site's log, one after the other, and yield what was found of each.

    Args:
        site: the site; its log goes on from its newest entry, or from the drill's own first day if that is later.
        clock: the site's.
        names: "break NAME" and "near miss NAME" of those to do; None for all.
        progress: called with (cases so far, all cases).

    Raises:
        SiteError: the log refuses what it should take.
    """
    cases: dict[str, Any] = {f"break {name}": case for name, case in BREAKS.items()}
    cases |= {f"near miss {name}": case for name, case in NEAR_MISSES.items()}
    cases = {name: case for name, case in cases.items() if names is None or name in names}
    head = site.ledger.head()
    now_ms = max(START_MS, head.time_ms + _MINUTE_MS if head else 0)
    for n, (name, case) in enumerate(cases.items()):
        serial = _FIRST + n * _SERIALS
        if _is_apart(case):
            yield _apart(site, name, case, serial)
        else:
            world = SiteWorld(site, clock, scope=name, serial=serial, now_ms=now_ms)
            yield _outcome(world, name, case, ".")
            now_ms = world.now_ms
        if progress:
            progress(n + 1, len(cases))


def province_outcomes(site: Site, steps: Iterable[Step]) -> Iterator[Outcome]:
    """Yield what was found of each break planted in the traffic of a province; they have their own list of codes."""
    numbers = {step.cause: step.number for step in steps if step.number}
    newest = site.ledger.newest()
    for name, number in numbers.items():
        planted, chain = PLANTED[name], site.ledger.chain(_uid_of(site, number))
        looked_at_ms = chain.entries[-1].logged_ms + planted.wait_ms
        report = verify_dossier(dossier_of(site, chain.item.uid))
        found = _codes(chain.judge(looked_at_ms).findings)
        view = tuple(sorted(row.code for row in findings_of(site.engine, chain.item.uid)))
        in_file = _codes(report.judgement.findings) if report.judgement and not report.failure else ()
        same = view == _codes(chain.findings) and in_file == _codes(chain.judge(newest.time_ms).findings)
        yield Outcome(
            name=name,
            kind="break",
            text=planted.text,
            number=number,
            site=".",
            expected=tuple(sorted(planted.codes)),
            found=found,
            view=view,
            dossier=in_file if not report.failure else (report.failure,),
            verdict=chain.judge(looked_at_ms).verdict.value,
            agrees=same and set(found) == planted.codes,
        )


def _uid_of(site: Site, number: str) -> bytes:
    """Return the uid under which a number was registered.

    Raises:
        SiteError: it never was.
    """
    uid = uid_of_number(site.engine, number)
    if uid is None:
        raise SiteError(f"no item {number} in the log")
    return uid


def _codes(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted(f.code for f in findings))


def write_outcomes(path: Path, outcomes: list[Outcome]) -> None:
    """Write them as JSON."""
    rows = [asdict(one) for one in outcomes]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _apart(site: Site, name: str, case: Any, serial: int) -> Outcome:
    """Do it in a new site within the other's folder."""
    clock = _Clock(START_MS - _MINUTE_MS)
    folder = Path(APART) / name.replace(" ", "-").replace("_", "-")
    rng = random.Random(f"TRAM-DRILL-v1/{name}")  # noqa: S311 -- keys of a drill protect nothing
    nobody = Register(offices=(), agencies=(), people=(), routes=())
    other = create_site(
        site.data / folder, origin=site.origin, register=nobody, rng=rng, now=clock, is_demo=True
    )
    try:
        with other.hasty():
            world = SiteWorld(other, clock, scope=name, serial=serial, now_ms=START_MS)
            return _outcome(world, name, case, str(folder))
    finally:
        other.close()


def _outcome(world: SiteWorld, name: str, case: Any, folder: str) -> Outcome:
    """Do it, wait as long as it says, and ask the log, the view and a dossier."""
    item: Parcel = case.make(world)
    world.now_ms += case.wait_ms
    world.certify(Person("clockwork", (Role.COURIER,), 1))  # the newest checkpoint says what time it is
    site, now_ms = world.site, world.heads[world.size][1]
    chain = site.ledger.chain(item.uid)
    judgement = chain.judge(now_ms)
    report = verify_dossier(dossier_of(site, item.uid))
    rows = findings_of(site.engine, item.uid)
    in_file = report.judgement.findings if report.judgement and not report.failure else ()
    kind = "break" if name.startswith("break ") else "near miss"
    found = _codes(judgement.findings)
    grave = [f.code for f in judgement.findings if f.severity.value in _GRAVE and f.resolved_by is None]
    view, dossier = tuple(sorted(row.code for row in rows)), _codes(in_file)
    kept = _codes(chain.findings) if is_shown(chain) else ()
    same = found == dossier and view == kept
    wanted = found == case.codes if kind == "break" else not grave
    return Outcome(
        name=name.removeprefix(f"{kind} "),
        kind=kind,
        text=case.text,
        number=item.label.number,
        site=folder,
        expected=tuple(case.codes),
        found=found,
        view=view,
        dossier=dossier if not report.failure else (report.failure,),
        verdict=judgement.verdict.value,
        agrees=same and wanted,
    )


def _is_apart(case: Any) -> bool:
    """Whether it changes the ground for everybody: seen by doing it in memory."""
    world = World()
    before = world.size
    case.make(world)
    return any(_changes_ground(entry.event, world) for entry in world.entries[before:])


def _changes_ground(event: Event, world: World) -> bool:
    if event.items:
        return Field.SEAL_TAG in event.fields
    if event.type not in _HARMLESS or event.kid == world.root.kid or Field.APPROVALS in event.fields:
        return True
    if event.type is EventType.KEY_REVOKE:
        return event.fields[Field.KID] in (world.labels.kid, world.enrolment.kid)
    return limit_numbers()["root_threshold"] in event.fields.get(Field.LIMITS, {})


@dataclass(slots=True)
class _Clock:
    now_ms: int

    def __call__(self) -> int:
        return self.now_ms
