"""A site on disk: its keys, its database, its log; made once, opened by the service and by every command.

`DATA/keys/` holds the seeds, `DATA/tram.db` the database unless a PostgreSQL URL is given, `DATA/last-checkpoint`
the newest signed head. Who holds DATA can write entries as the site; who holds the database alone can lose
entries, not forge them, and not unseen.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa

from custody.admission import network_of
from custody.certificate import Reason
from custody.checkpoint import LogKeys
from custody.cose import kid_of
from custody.errors import ProofError
from custody.merkle import EMPTY_ROOT
from custody.note import check_name, parse_vkey
from custody.roles import Role
from db import schema
from db.desk import get_setting
from db.engine import DATABASE_NAME, database_url_of, hasty, open_engine, reading, writing
from db.errors import SiteError
from db.kept import KeptCheckpoint
from db.keybox import Passphrase
from db.keystore import CLOCK, ENROLMENT, LABEL_PREFIX, LOG, ROOT, KeyStore, LogSeeds
from db.ledger import Ledger, LogSigner, Result
from db.migrate import check_schema, upgrade
from db.private import check_private, make_private
from kt1.clock import DAY_MS
from kt1.register import Register
from kt1.rules import Limits
from kt1.site import Authority, Grant, SiteKeys, found_site

__all__ = [
    "LabelKey",
    "Site",
    "clock_ms",
    "create_site",
    "log_keys_of",
    "open_database",
    "open_site",
    "roots_of",
]

_KEYS = "keys"
_LOG_KEY_DAYS = 3_650
_ANY_SIZE = 1 << 62


@dataclass(frozen=True, slots=True)
class LabelKey:
    """A key that signs labels: `kid4` is its name on them."""

    kid4: bytes
    seed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An open site.

    Attributes:
        data: its directory.
        origin: the log's name.
        is_demo: made by `tram demo`; says so on every page.
        engine: its database.
        ledger: its log.
        keys: its seeds.
        rng: source of nonces and label nonces.
        now: the clock, unix ms UTC.
    """

    data: Path
    origin: str
    is_demo: bool
    engine: sa.Engine
    ledger: Ledger
    keys: KeyStore
    rng: random.Random
    now: Callable[[], int]

    @property
    def net(self) -> bytes:
        """8 bytes naming the network."""
        return self.ledger.net

    @property
    def log_keys(self) -> LogKeys:
        """The public keys of the log and its clock, those that it began with and those that followed."""
        return self.ledger.log_keys

    @property
    def roots(self) -> tuple[bytes, ...]:
        """Kids of the root keys in the log."""
        return tuple(dict.fromkeys(c.kid for c in self.ledger.rules.certificates() if c.is_root))

    @property
    def founders(self) -> tuple[bytes, ...]:
        """Kids of the roots that the log began with: what a reader compares on paper."""
        return self.ledger.ring.founders

    def enrolment(self) -> Authority:
        """Return the key that certifies people's devices.

        Raises:
            KeyFileError: it is not here, or others may read it.
        """
        return Authority(self.net, self.keys.read(ENROLMENT), self.rng)

    def certify(self, grant: Grant) -> Result:
        """Certify a key: a KEY_CERT entry signed by the enrolment key.

        Raises:
            SiteError: the log refuses it (weak key, name taken, enrolment key revoked).
        """
        grant = replace(grant, not_before_ms=_whole_second(grant.not_before_ms))
        return self.enter(self.enrolment().certify(grant, now_ms=self.now()))

    def revoke(self, kid: bytes, *, reason: int = Reason.LOST, compromised_ms: int | None = None) -> Result:
        """Revoke a key; with *compromised_ms*, what it signed since then is questioned too.

        Only with `Reason.RETIRED` do late uploads from before it stand.

        Raises:
            SiteError: the log refuses it (no such key).
        """
        authority = self.enrolment()
        now_ms = self.now()
        return self.enter(authority.revoke(kid, now_ms=now_ms, reason=reason, compromised_ms=compromised_ms))

    def label_key(self) -> LabelKey:
        """Return the newest label key of this site that is valid now.

        Raises:
            SiteError: none is.
            KeyFileError, PassphraseError: it cannot be read.
        """
        now_ms, ring = self.now(), self.ledger.ring
        named = (
            (name, bytes.fromhex(name.removeprefix(LABEL_PREFIX))) for name in self.keys.names(LABEL_PREFIX)
        )
        known = [(found, name) for name, kid4 in named if (found := ring.label_key(kid4))]
        living = [(found.index, found.kid4, name) for found, name in known if found.lives(now_ms)]
        if not living:
            raise SiteError("no label key is valid now", hint="Make a new one: `tram keys rotate-label`.")
        _, kid4, name = max(living)
        return LabelKey(kid4, self.keys.read(name))

    @contextmanager
    def hasty(self) -> Iterator[None]:
        """Do not wait for the disk meanwhile: only for what can be made again, such as a simulation."""
        with hasty(self.engine), self.ledger.kept.hasty():
            yield

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def enter(self, raw: bytes) -> Result:
        """Append one entry of the site's own.

        Raises:
            SiteError: the log refuses it.
        """
        result = self.ledger.append([raw])[0]
        if result.error is not None:
            raise SiteError(f"the log refuses it: {result.error}", hint=f"Finding {result.findings[0]}.")
        return result


def clock_ms() -> int:
    """Return the time, unix ms UTC."""
    return time.time_ns() // 1_000_000


def create_site(  # noqa: PLR0913 -- each is a fact of the new site
    data: Path,
    *,
    origin: str,
    register: Register,
    database_url: str | None = None,
    limits: Limits | None = None,
    is_demo: bool = False,
    keys: SiteKeys | None = None,
    passphrase: Passphrase | None = None,
    rng: random.Random | None = None,
    now: Callable[[], int] = clock_ms,
) -> Site:
    """Found a site: keys, tables, and the first entries of its log.

    Args:
        data: its directory, made where it is missing; must hold no site yet.
        origin: the log's name, for ever: a host name or path that is yours.
        register: offices and agencies to name in the log; their names go to the side tables by `db.people`.
        database_url: a PostgreSQL instead of a file in *data*.
        limits: by which findings are judged; None for the stated assumptions.
        is_demo: mark it as a demonstration.
        keys: seeds of root, enrolment and label key; None makes them.
        passphrase: under which the key files are sealed; None leaves them readable to the account.
        rng: None for the machine's own randomness.
        now: the clock.

    Raises:
        SiteError: there is a site already, no log can be called so, or the log refuses its first entries.
    """
    try:
        check_name(origin)
    except ProofError as error:
        hint = "A host name or path that is yours, such as kt1.example.vn/log."
        raise SiteError(f"{origin!r} is no name for a log: {error}", hint=hint) from None
    if (data / _KEYS).exists() or (not database_url and (data / DATABASE_NAME).exists()):
        raise SiteError(f"{data} is a site already")
    rng = rng or random.SystemRandom()
    engine = open_engine(database_url_of(data, database_url))
    make_private(data, None if database_url else data / DATABASE_NAME)
    upgrade(engine)
    keys = keys or SiteKeys(
        root=rng.randbytes(32), enrolment=rng.randbytes(32), label=rng.randbytes(32), kid4=rng.randbytes(4)
    )
    log_seed, clock_seed = rng.randbytes(32), rng.randbytes(32)
    signer = LogSigner.of(origin, log_seed=log_seed, clock_seed=clock_seed)
    _found_database(engine, signer, is_demo=is_demo, now_ms=now())
    store = KeyStore(data / _KEYS, passphrase)
    _write_keys(store, keys, log_seed=log_seed, clock_seed=clock_seed)
    ledger = Ledger(engine, signer, now, kept=KeptCheckpoint(data))
    net, now_ms = network_of(origin), _whole_second(now())
    entries = list(found_site(register, keys, net=net, now_ms=now_ms, rng=rng, limits=limits))
    root = Authority(net, keys.root, rng)
    entries += [root.certify(grant, now_ms=now_ms) for grant in _log_grants(signer, now_ms)]
    for result in ledger.append(entries):
        if result.error is not None:
            raise SiteError(f"the log refuses its own foundation: {result.error}")
    return Site(
        data=data, origin=origin, is_demo=is_demo, engine=engine, ledger=ledger, keys=store, rng=rng, now=now
    )


def open_site(
    data: Path,
    database_url: str | None = None,
    *,
    passphrase: Passphrase | None = None,
    now: Callable[[], int] = clock_ms,
    rng: random.Random | None = None,
    monotonic: Callable[[], int] | None = None,
    is_clock_accepted: bool = False,
    signs: bool = True,
) -> Site:
    """Open a site and check its log's edge.

    Args:
        data: its directory.
        database_url: a PostgreSQL instead of the file in it.
        passphrase: opens the key files, where they are sealed.
        now: the clock.
        rng: None for the machine's own randomness.
        monotonic: to refuse a clock that jumps (`db.clockguard`); None where time is simulated.
        is_clock_accepted: the clock may be a month ahead of the newest checkpoint; at a demonstration it always may.
        signs: entries will be appended: look for the log's keys now. Without, nothing is asked of key files.

    Raises:
        SiteError: no site there, or its tables are of another version.
        KeyFileError: a key is missing, or others may read it or the database.
        PassphraseError: a key is sealed, and the passphrase is missing or another.
        LedgerError: the log contradicts itself, or is behind the checkpoint kept outside it.
        ClockError: the clock is a month ahead.
    """
    engine = open_database(data, database_url)
    try:
        origin = _origin_of(engine, data)
        keys = KeyStore(data / _KEYS, passphrase)
        signer = LogSigner(log_keys_of(engine, data), LogSeeds(keys))
        is_demo = get_setting(engine, "demo") == "1"
        ledger = Ledger(
            engine,
            signer,
            now,
            kept=KeptCheckpoint(data),
            monotonic=monotonic,
            is_clock_accepted=is_clock_accepted or is_demo,
        )
        for pair in ledger.log_keys.signing(_ANY_SIZE, now()) if signs else ():
            for key in (pair.log, pair.clock):
                signer.seed_of(key.public)  # now, not at the first append
        return Site(
            data=data,
            origin=origin,
            is_demo=is_demo,
            engine=engine,
            ledger=ledger,
            keys=keys,
            rng=rng or random.SystemRandom(),
            now=now,
        )
    except BaseException:
        engine.dispose()
        raise


def _origin_of(engine: sa.Engine, data: Path) -> str:
    origin = get_setting(engine, "origin")
    if origin is None:
        raise SiteError(f"{data} has a database without a log", hint="Run `tram init` or `tram demo`.")
    return origin


def open_database(data: Path, database_url: str | None = None, *, any_version: bool = False) -> sa.Engine:
    """Open a site's database alone, without keys or log: for the audit, the backup and the rebuilding.

    Raises:
        SiteError: no database there, or its tables are of another version.
        KeyFileError: others may read or write the database file.
    """
    if not database_url and not (data / DATABASE_NAME).is_file():
        raise SiteError(f"no site in {data}", hint="Run `tram init` or `tram demo`, or name it with --data.")
    if not database_url:
        check_private(data / DATABASE_NAME)
    engine = open_engine(database_url_of(data, database_url))
    try:
        if not any_version:
            check_schema(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def log_keys_of(engine: sa.Engine, data: Path | None = None) -> LogKeys:
    """Return the public keys that the log began with: from the key files where they are, else as the database says.

    Those that followed are in the log (`LogKeys.followed`).

    Raises:
        SiteError: neither names them.
    """
    named = {name: get_setting(engine, name) for name in ("origin", "log_key", "clock_key")}
    if named["origin"] is None or named["log_key"] is None or named["clock_key"] is None:
        raise SiteError("the database does not name its log's keys")
    store = KeyStore(data / _KEYS) if data else None
    if store and store.has(LOG) and store.has(CLOCK):
        return LogKeys.of(named["origin"], log=store.public(LOG), clock=store.public(CLOCK))
    return LogKeys(parse_vkey(named["log_key"]), parse_vkey(named["clock_key"]))


def _whole_second(ms: int) -> int:
    """Round down as the log's signed time is: a key must be valid in the second it is certified in."""
    return ms // 1000 * 1000


def roots_of(data: Path) -> frozenset[bytes]:
    """Return the kids of the root keys whose files are in *data*; none where they are locked away."""
    store = KeyStore(data / _KEYS)
    return frozenset(kid_of(store.public(name)) for name in store.names(ROOT))


def _found_database(engine: sa.Engine, signer: LogSigner, *, is_demo: bool, now_ms: int) -> None:
    settings = {
        "origin": signer.origin,
        "log_key": signer.keys.log.vkey,
        "clock_key": signer.keys.clock.vkey,
        "demo": str(int(is_demo)),
        "created_ms": str(now_ms),
    }
    with reading(engine) as conn:
        if conn.execute(sa.select(schema.log_state.c.id)).first():
            raise SiteError("the database has a log already")
    with writing(engine) as conn:
        conn.execute(schema.log_state.insert(), [{"id": 1, "size": 0, "root": EMPTY_ROOT, "epoch": 0}])
        conn.execute(schema.setting.insert(), [{"name": n, "value": v} for n, v in settings.items()])


def _write_keys(store: KeyStore, keys: SiteKeys, *, log_seed: bytes, clock_seed: bytes) -> None:
    store.write(LOG, log_seed)
    store.write(CLOCK, clock_seed)
    store.write(ROOT, keys.root)
    store.write(ENROLMENT, keys.enrolment)
    store.write(f"{LABEL_PREFIX}{keys.kid4.hex()}", keys.label)


def _log_grants(signer: LogSigner, now_ms: int) -> Iterable[Grant]:
    for key in (signer.keys.log, signer.keys.clock):
        yield Grant(
            public=key.public,
            roles=frozenset({Role.LOG}),
            not_before_ms=now_ms,
            not_after_ms=now_ms + _LOG_KEY_DAYS * DAY_MS,
        )
