"""Phone to phone (docs/spec/pass.md): its example is what the code makes, and what was accepted so is a sound chain."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.event import EventType
from custody.machine import State
from kt1.drill.world import World
from tools import passing

_FILE = Path(__file__).resolve().parents[2] / "docs/spec/vectors/pass.json"


def _example() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return found


def test_the_example_is_what_is_made_now() -> None:
    """But for how small it is packed: another zlib may pack otherwise, and any packing is read."""
    kept, made = _example(), passing.vectors()
    for name in ("offer", "answer"):
        wire = bytes.fromhex(kept[name]["wire"])
        assert passing.read_frames(kept[name]["frames"]) == wire
        assert passing.unpack(wire) == passing.unpack(bytes.fromhex(made[name]["wire"]))
        for changing in ("wire", "frames"):
            kept[name].pop(changing)
            made[name].pop(changing)

    assert kept == made


@given(st.binary(min_size=1, max_size=3_000), st.randoms(use_true_random=False))
def test_frames_give_their_message_in_any_order(wire: bytes, random: Any) -> None:
    """However many there are, and however often each is read."""
    frames = passing.to_frames(wire) * 2
    random.shuffle(frames)

    assert passing.read_frames(frames) == wire
    assert len({len(frame) for frame in frames}) <= 2


def test_a_frame_that_is_missing_or_misread_gives_nothing() -> None:
    """Nothing is guessed."""
    first, second = passing.to_frames(bytes(range(256)) * 3)
    for texts in (
        [first],
        [first, second[:-1]],
        [first, second[:20] + "0" + second[21:]],
        [first, passing.to_frames(b"x")[0]],
    ):
        with pytest.raises(ValueError, match=r"frame"):
            passing.read_frames(texts)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_what_was_passed_is_a_sound_chain_in_whatever_order_it_is_uploaded(order: tuple[int, ...]) -> None:
    """Giver or taker may come first, each with what both signed; where presence is asked for, it is there."""
    world = World()
    world.limit(presence=1)
    played = passing.play(world)
    for number in order:
        world.log(played["events"][number])
    taken, refused = (parcel.chain() for parcel in played["parcels"])

    assert taken.judge(world.now_ms).verdict == "INTACT"
    assert (taken.item.state, taken.item.custodian) == (State.HELD, world.courier.id)
    assert refused.judge(world.now_ms).verdict == "INTACT"
    assert (refused.item.state, refused.item.custodian) == (State.HELD, world.clerk.id)


def test_a_photograph_of_the_screen_takes_nothing() -> None:
    """Whoever read the offer and is not named in it signs what does not count (P03), and the giver still answers."""
    world = World()
    played = passing.play(world)
    parcel, raw_offer = played["parcels"][0], played["events"][0]
    world.log(raw_offer)
    thief = world.witness
    world.log(passing.answer(world, parcel, raw_offer, thief, EventType.ACCEPT, {}))
    chain = parcel.chain()

    assert "P03" in {found.code for found in chain.judge(world.now_ms).findings}
    assert chain.item.custodian == world.clerk.id


def test_an_answer_that_does_not_bear_the_offers_nonce_is_noticed() -> None:
    """X07: it says that a screen was read, and names another nonce than the one that was on it."""
    world = World()
    played = passing.play(world)
    parcel, raw_offer = played["parcels"][0], played["events"][0]
    world.log(raw_offer)
    world.log(passing.answer(world, parcel, raw_offer, world.courier, EventType.ACCEPT, {}, nonce=bytes(8)))

    assert [found.code for found in parcel.judge().findings] == ["X07"]
