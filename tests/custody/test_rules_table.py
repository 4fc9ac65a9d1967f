"""The table of rules says which events each rule can speak about, and hides nothing by it."""

from __future__ import annotations

from typing import Any

import pytest

from custody.fields import CHAIN_TYPES
from custody.judge import Chain
from custody.rules import RULES, RULES_FOR
from kt1.drill.breaks import BREAKS
from kt1.drill.world import World


@pytest.mark.parametrize("name", BREAKS)
def test_every_rule_asked_of_every_event_finds_no_more(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule left out of a row would be a break that passes."""
    item, codes = BREAKS[name](world)
    everything = dict.fromkeys(CHAIN_TYPES, tuple(RULES))
    judge_step = Chain._judge_step

    def judge_all(chain: Chain, *args: Any) -> set[str]:
        entry, ref, item, *table = args
        return judge_step(chain, entry, ref, item, table[0] if table else everything)

    monkeypatch.setattr(Chain, "_judge_step", judge_all)

    assert codes == sorted(item.codes(BREAKS[name].wait_ms))
    assert all(set(RULES_FOR[kind]) < set(RULES) for kind in CHAIN_TYPES)
