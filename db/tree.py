"""The Merkle tree's right edge in memory, the rest from stored tiles (C2SP tlog-tiles, height 8).

Only complete subtrees are kept and they never change, so a path may be computed while others append.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from custody.merkle import node_hash

__all__ = ["HASH_BYTES", "TILE_HEIGHT", "TILE_WIDTH", "Tree", "tile_root"]

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
HASH_BYTES = 32
_CACHED_TILES = 128


def tile_root(hashes: bytes) -> bytes:
    """Fold the hashes of a full tile, or of any power of two, into the one above them."""
    level = [hashes[i : i + HASH_BYTES] for i in range(0, len(hashes), HASH_BYTES)]
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


class Tree:
    """A tree of *size* leaves whose full tiles can be fetched.

    `fetch(level, n)` returns a full tile, 256 hashes, or raises; it is asked only for tiles that are full.
    """

    def __init__(self, fetch: Callable[[int, int], bytes]) -> None:
        """Begin empty; `append` what is not in full tiles."""
        self.size = 0
        self._fetch = fetch
        self._inner: dict[tuple[int, int], bytes] = {}  # (level, index) inside unfinished tiles
        self._cache: OrderedDict[tuple[int, int], dict[tuple[int, int], bytes]] = OrderedDict()

    def resume(self, size: int, leaves: Iterable[bytes]) -> None:
        """Stand at *size* without replaying it: edges of upper tiles are folded from the full tiles below.

        Args:
            size: number of leaves.
            leaves: the hashes after the last full level-0 tile, size mod 256 of them.
        """
        self.size = size - size % TILE_WIDTH
        count, level = size // TILE_WIDTH, 1
        while count:
            first = count - count % TILE_WIDTH
            for n in range(first, count):
                self._set(level, n, tile_root(self._fetch(level - 1, n)))
            count, level = count // TILE_WIDTH, level + 1
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf; returns the tiles it filled as (level, n, hashes), lowest first."""
        filled = self._set(0, self.size, leaf)
        self.size += 1
        return filled

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree: *level* 0 is the leaves, *index* counts from the left."""
        known = self._inner.get((level, index))
        if known is not None:
            return known
        tile_level, depth = divmod(level, TILE_HEIGHT)
        n = (index << depth) // TILE_WIDTH
        return self._expanded(tile_level, n)[(level, index)]

    def path(self, index: int, size: int, edges: dict[int, bytes]) -> list[bytes]:
        """Return the inclusion proof of a leaf in the tree of *size* leaves, lowest sibling first.

        The same as `custody.merkle.inclusion_path`, with what many proofs of one size share kept in *edges*:
        level -> root of the unfinished subtree at the right edge. Start each size with an empty one.
        """
        path, level, last = [], 0, size - 1
        while last:
            sibling = index ^ 1
            if sibling < last or (sibling == last and (last + 1) << level == size):
                path.append(self.node(level, sibling))
            elif sibling == last:
                path.append(edges.get(level) or edges.setdefault(level, self._edge(level, size)))
            index, last, level = index >> 1, last >> 1, level + 1
        return path

    def _edge(self, level: int, size: int) -> bytes:
        """Fold the leaves of the last, unfinished subtree of *level*: those after its first."""
        rest, base = size & ((1 << level) - 1), size >> level << level
        result: bytes | None = None
        depth = 0
        while rest:
            if rest & 1:
                part = self.node(depth, (base >> depth) + rest - 1)
                result = part if result is None else node_hash(part, result)
            rest, depth = rest >> 1, depth + 1
        if result is None:
            raise IndexError(f"level {level} has no unfinished subtree at size {size}")
        return result

    def root(self) -> bytes | None:
        """Return the root over all leaves, or None for the empty tree."""
        return self.root_at(self.size)

    def root_at(self, size: int) -> bytes | None:
        """Return the root the tree had at *size* leaves."""
        result: bytes | None = None
        level, count = 0, size
        while count:
            if count & 1:
                part = self.node(level, count - 1)
                result = part if result is None else node_hash(part, result)
            count >>= 1
            level += 1
        return result

    def tile(self, level: int, n: int, width: int) -> bytes:
        """Return the first *width* hashes of a tile, partial tiles included.

        Raises:
            IndexError: the tree does not reach that far yet.
        """
        first = n * TILE_WIDTH
        if not 0 < width <= TILE_WIDTH or first + width > self.size >> (level * TILE_HEIGHT):
            raise IndexError(f"tile {level}/{n} has no {width} hashes in a tree of {self.size}")
        return b"".join(self.node(level * TILE_HEIGHT, first + i) for i in range(width))

    def _set(self, tile_level: int, index: int, value: bytes) -> list[tuple[int, int, bytes]]:
        level, inner = tile_level * TILE_HEIGHT, self._inner
        inner[(level, index)] = value
        base_index, top = index, level + TILE_HEIGHT
        while index & 1 and level < top - 1:
            value = node_hash(inner[(level, index - 1)], value)
            index >>= 1
            level += 1
            inner[(level, index)] = value
        if base_index % TILE_WIDTH != TILE_WIDTH - 1:
            return []
        return self._finish(tile_level, base_index // TILE_WIDTH)

    def _finish(self, tile_level: int, n: int) -> list[tuple[int, int, bytes]]:
        base, inner = tile_level * TILE_HEIGHT, self._inner
        first = n * TILE_WIDTH
        nodes: dict[tuple[int, int], bytes] = {}
        for depth in range(TILE_HEIGHT):
            for index in range(first >> depth, (first + TILE_WIDTH) >> depth):
                nodes[(base + depth, index)] = inner[(base + depth, index)]
        hashes = b"".join(nodes[(base, first + i)] for i in range(TILE_WIDTH))
        left, right = (nodes[(base + TILE_HEIGHT - 1, (n << 1) + i)] for i in range(2))
        self._remember((tile_level, n), nodes)
        filled = [(tile_level, n, hashes), *self._set(tile_level + 1, n, node_hash(left, right))]
        for key in nodes:
            del inner[key]
        return filled

    def _expanded(self, tile_level: int, n: int) -> dict[tuple[int, int], bytes]:
        cached = self._cache.get((tile_level, n))
        if cached is not None:
            return cached
        hashes = self._fetch(tile_level, n)
        base, first = tile_level * TILE_HEIGHT, n * TILE_WIDTH
        row = [hashes[i : i + HASH_BYTES] for i in range(0, len(hashes), HASH_BYTES)]
        nodes: dict[tuple[int, int], bytes] = {}
        for depth in range(TILE_HEIGHT):
            start = first >> depth
            nodes.update({(base + depth, start + i): value for i, value in enumerate(row)})
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        self._remember((tile_level, n), nodes)
        return nodes

    def _remember(self, key: tuple[int, int], nodes: dict[tuple[int, int], bytes]) -> None:
        self._cache[key] = nodes
        while len(self._cache) > _CACHED_TILES:
            self._cache.popitem(last=False)
