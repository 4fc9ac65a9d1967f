"""The tree's edge in memory gives the same roots and paths as the plain definition."""

from __future__ import annotations

import random

import pytest

from custody.merkle import inclusion_path, root_of, verify_inclusion
from db.tree import Tree


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 1000])
def test_roots_and_paths(size: int) -> None:
    """Grown leaf by leaf, and resumed from tiles."""
    leaves = [random.Random(n).randbytes(32) for n in range(size)]
    tiles: dict[tuple[int, int], bytes] = {}
    tree = Tree(lambda level, n: tiles[level, n])
    for leaf in leaves:
        tiles |= {(level, n): hashes for level, n, hashes in tree.append(leaf)}
    resumed = Tree(lambda level, n: tiles[level, n])
    resumed.resume(size, leaves[size - size % 256 :])

    for one in (tree, resumed):
        assert one.root() == (root_of(leaves) if size else None)
        for index in range(0, size, 37):
            verify_inclusion(
                index, size, leaves[index], inclusion_path(index, size, one.node), root_of(leaves)
            )


def test_upper_tiles_fill() -> None:
    """65,536 leaves fill 256 tiles and the first one above them."""
    tiles: dict[tuple[int, int], bytes] = {}
    tree = Tree(lambda level, n: tiles[level, n])
    leaves = [n.to_bytes(32, "big") for n in range(65_536 + 300)]
    for leaf in leaves:
        tiles |= {(level, n): hashes for level, n, hashes in tree.append(leaf)}
    resumed = Tree(lambda level, n: tiles[level, n])
    resumed.resume(len(leaves), leaves[len(leaves) - len(leaves) % 256 :])

    assert (1, 0) in tiles
    assert tree.root() == resumed.root() == root_of(leaves)
    assert resumed.tile(1, 1, 1) == tree.tile(1, 1, 1)
    with pytest.raises(IndexError):
        tree.tile(1, 1, 2)
