"""CBOR as a tree that can be written wrongly: lengths that lie, arguments too wide, pieces moved elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Node", "nodes_of", "read", "write"]

_STRINGS = (2, 3)
_WIDTHS = (1, 2, 4, 8)


@dataclass(slots=True)
class Node:
    """One data item.

    Attributes:
        major: major type, 0 to 7.
        value: the argument: an integer, a tag, a simple value; unused where `body` or `parts` count.
        body: content of a string without an item inside.
        parts: elements, key and value in turn, the tagged item, or the one item inside a byte string.
        width: bytes of the argument, 0 for the fewest, -1 for an indefinite length.
        lie: what the length claims beyond the truth.
    """

    major: int
    value: int = 0
    body: bytes = b""
    parts: list[Node] = field(default_factory=list)
    width: int = 0
    lie: int = 0


def read(data: bytes) -> Node:
    """Return the tree of exactly one item; byte strings that hold items are opened too.

    Raises:
        ValueError: not well-formed, or something follows.
    """
    node, end = _read(data, 0, 0)
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes follow")
    return node


def write(node: Node) -> bytes:
    """Return the bytes of a tree, as wrong as it says."""
    inner = b"".join(write(part) for part in node.parts)
    if node.major in _STRINGS:
        content = inner if node.parts else node.body
        if node.width < 0:
            return bytes((node.major << 5 | 31,)) + _head(node.major, len(content), 0) + content + b"\xff"
        return _head(node.major, len(content) + node.lie, node.width) + content
    if node.major in (4, 5):
        if node.width < 0:
            return bytes((node.major << 5 | 31,)) + inner + b"\xff"
        count = len(node.parts) if node.major == 4 else len(node.parts) // 2
        return _head(node.major, count + node.lie, node.width) + inner
    return _head(node.major, node.value, max(node.width, 0)) + inner


def nodes_of(node: Node) -> list[Node]:
    """Return the node and everything below it."""
    found = [node]
    for part in node.parts:
        found += nodes_of(part)
    return found


def _head(major: int, value: int, width: int) -> bytes:
    value = max(0, value) & (1 << 64) - 1
    if not width and value < 24:
        return bytes((major << 5 | value,))
    fewest = next(w for w in _WIDTHS if value < 1 << 8 * w)
    width = max(width, fewest)
    return bytes((major << 5 | 24 + _WIDTHS.index(width),)) + value.to_bytes(width, "big")


def _read(data: bytes, at: int, depth: int) -> tuple[Node, int]:
    if at >= len(data) or depth > 40:
        raise ValueError("ends early, or too deep")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    width = 0
    if 24 <= info <= 27:
        width = _WIDTHS[info - 24]
        if at + width > len(data):
            raise ValueError("ends within an argument")
        value, at = int.from_bytes(data[at : at + width], "big"), at + width
    elif info < 24:
        value = info
    else:
        raise ValueError("indefinite or reserved")
    node = Node(major, value)
    if major in _STRINGS:
        if at + value > len(data):
            raise ValueError("ends within a string")
        node.body, at = data[at : at + value], at + value
        node.parts = _inside(node, depth)
    elif major in (4, 5, 6):
        count = {4: value, 5: 2 * value, 6: 1}[major]
        if count > len(data):
            raise ValueError("more parts than bytes")
        for _ in range(count):
            part, at = _read(data, at, depth + 1)
            node.parts.append(part)
    return node, at


def _inside(node: Node, depth: int) -> list[Node]:
    """Return the item that a byte string holds, if it holds one."""
    if node.major != 2 or len(node.body) < 4 or node.body[0] >> 5 not in (4, 5, 6):
        return []
    try:
        part, end = _read(node.body, 0, depth + 1)
    except ValueError:
        return []
    return [part] if end == len(node.body) else []
