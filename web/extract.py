"""For `make messages`: texts that stand in tables, without a call of gettext around them.

`babel.cfg` names this extractor for those files; a test reads the same, so that no text is forgotten.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

__all__ = ["texts"]

_CALLS = {"Problem": 2, "Persona": 1}  # name of the call -> position of its text
_FINDING_PARTS = 6
_NAMES = {"text", "STEPS", "QUORUM_STEP", "NOT_PROVEN"}
"""What is assigned to these is a text, or a row of texts."""


def texts(
    source: IO[bytes],
    keywords: Mapping[str, Any],  # noqa: ARG001 -- Babel's signature
    comment_tags: Collection[str],  # noqa: ARG001
    options: Mapping[str, Any],  # noqa: ARG001
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield (line, "", msgid, []) for findings, steps of verification, refusals of acceptance, parts of personas."""
    for node in ast.walk(ast.parse(source.read())):
        for found in _texts_of(node):
            if isinstance(found, ast.Constant) and isinstance(found.value, str):
                yield found.lineno, "", found.value, []


def _texts_of(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Tuple) and len(node.elts) == _FINDING_PARTS:
        return node.elts[-2:]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        return node.args[_CALLS[node.func.id] : _CALLS[node.func.id] + 1]
    if (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in _NAMES
    ):
        return node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    return []
