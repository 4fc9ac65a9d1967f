"""The sheet: what is printed is what is read back, and a slip of the reader is no accusation."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.checkpoint import Checkpoint
from custody.errors import FormatError
from custody.event import EventType, Field, sign_event
from custody.paper import anchor_faults, paper_groups, paper_text, read_paper, read_root
from kt1.drill.world import CENTRE, Person, World

HEAD = Checkpoint("kt1.example.vn/log", 1_234_567, hashlib.sha256(b"root").digest())


@given(st.binary(min_size=32, max_size=32), st.integers(0, 10**12))
def test_what_is_printed_is_read_back(root: bytes, size: int) -> None:
    """By a scanner as one line, and off the groups as people type them."""
    head = Checkpoint("log.example", size, root)
    groups = paper_groups(head)
    assert [4] * 14 == [len(group) for group in groups]
    assert head == read_paper(paper_text(head))
    assert head == read_paper(f"TRAM-ANCHOR-1 log.example {size} {' '.join(groups)}\n")
    assert head == read_root("log.example", size, "-".join(groups).lower())
    assert head == read_root("log.example", size, "".join(groups[:-1]))
    assert head == read_root(
        "log.example", size, "".join(groups).replace("O", "0").replace("I", "1").replace("B", "8")
    )


def test_every_slip_of_one_character_is_noticed() -> None:
    """M12 accuses somebody of rewriting history: a misread letter must never do that."""
    text = "".join(paper_groups(HEAD))
    for at in range(len(text)):
        for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567":
            if other != text[at]:
                with pytest.raises(FormatError):
                    read_root(HEAD.origin, HEAD.size, text[:at] + other + text[at + 1 :])
        if at and text[at] != text[at - 1]:
            with pytest.raises(FormatError):
                read_root(HEAD.origin, HEAD.size, text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :])
    with pytest.raises(FormatError):
        read_root(HEAD.origin, HEAD.size + 1, text)


@given(st.text(max_size=120))
def test_no_text_surprises_the_reader(text: str) -> None:
    """Only the documented error leaves it."""
    for line in (text, f"TRAM-ANCHOR-1 {text}", f"TRAM-ANCHOR-1 log 5 {text}"):
        with pytest.raises(FormatError):
            read_paper(line)


def test_two_supervisors_sign_it(world: World) -> None:
    """Its signers are checked like those of any decision; the sheet itself is evidence whoever filed it."""

    def faults(by: Person, second: Person | None, actor: Person | None = None) -> list[str]:
        fields = {
            Field.ANCHOR: [5, bytes(32)],
            Field.ACTOR: (actor or by).id,
            Field.PLACE: CENTRE,
        }
        raw = sign_event(
            world.common(EventType.PAPER_ANCHOR) | fields,
            seed=by.seed,
            second_seed=second.seed if second else None,
        )
        return [code for code, _ in anchor_faults(world.log(raw), world.ring.get)]

    assert [] == faults(world.supervisor, world.second)
    assert ["P04"] == faults(world.supervisor, None)
    assert ["P07"] == faults(world.supervisor, world.supervisor)
    assert ["P07"] == faults(world.supervisor, world.courier)
    assert ["K06"] == faults(world.courier, world.second)
    assert ["P01"] == faults(world.supervisor, world.second, actor=world.courier)
    stranger = Person("stranger", (), CENTRE)
    assert ["P04"] == faults(world.supervisor, stranger)


def test_an_origin_that_cannot_be_written_is_refused() -> None:
    """A lone surrogate, as JSON or a command line hands it in, is no name that was printed."""
    good = paper_text(Checkpoint("log.invalid", 12, bytes(32)))

    with pytest.raises(FormatError, match="do not stand on a sheet"):
        read_paper(good.replace("log.invalid", "log\ud800"))
