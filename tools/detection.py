"""The part of docs/spec/detection.md that the drill knows: every way to break a chain, and what finds it."""

from custody.findings import CATALOGUE
from kt1.drill.beside import BESIDE, BESIDE_NEAR_MISSES
from kt1.drill.breaks import BREAKS, NEAR_MISSES

__all__ = ["breaks", "coverage", "near_misses"]

_TITLE = ("| break | what is done | findings, no more and no fewer |", "|---|---|---|")


def breaks() -> str:
    """Render each break: what is done, and every finding that it must give."""
    lines = [
        f"{len(BREAKS)} breaks.",
        "",
        *_TITLE,
    ]
    lines += [
        f"| {_name(name)} | {_cell(one.text)} | {', '.join(one.codes)}{_wait(one.wait_ms)} |"
        for name, one in BREAKS.items()
    ]
    lines += ["", f"{len(BESIDE)} whose subject is a device or two people, and no item.", "", *_TITLE]
    lines += [
        f"| {_name(name)} | {_cell(one.text)} | {', '.join(one.codes)} |" for name, one in BESIDE.items()
    ]
    return "\n".join(lines)


def near_misses() -> str:
    """Render each near miss: what is done, and which findings it must not give."""
    lines = [
        f"{len(NEAR_MISSES) + len(BESIDE_NEAR_MISSES)} near misses.",
        "",
        "| near miss | what is done | comes close to |",
        "|---|---|---|",
    ]
    lines += [
        f"| {_name(name)} | {_cell(one.text)} | {', '.join(one.codes)}{_wait(one.wait_ms)} |"
        for name, one in NEAR_MISSES.items()
    ]
    lines += [
        f"| {_name(name)} | {_cell(one.text)} | {', '.join(one.codes)} |"
        for name, one in BESIDE_NEAR_MISSES.items()
    ]
    return "\n".join(lines)


def coverage() -> str:
    """Render for each finding the breaks that give it and the near misses that must not."""
    rows = []
    for code, kind in sorted(CATALOGUE.items()):
        giving = [_name(name) for name, one in (BREAKS | BESIDE).items() if code in one.codes]
        near = NEAR_MISSES | BESIDE_NEAR_MISSES
        close = [_name(name) for name, one in near.items() if code in one.codes]
        if giving or close:
            rows.append(
                f"| {code} | {kind.name} | {kind.severity} | {', '.join(giving)} | {', '.join(close)} |"
            )
    pairs = len(BREAKS) * len(BREAKS)
    return "\n".join(
        [
            f"{len(rows)} of {len(CATALOGUE)} codes; {pairs:,} ordered pairs of breaks.",
            "",
            "| code | name | severity | given by | not given by |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


def _name(name: str) -> str:
    return name.replace("_", " ")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _wait(wait_ms: int) -> str:
    return f", after {wait_ms / 3_600_000:g} hours" if wait_ms else ""
