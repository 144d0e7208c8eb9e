from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import UsageError
from forgetscope.recap.deck import Deck


@given(n=st.integers(1, 30), rounds=st.integers(1, 4), seed=st.text(max_size=5))
def test_every_round_deals_every_row_once(n: int, rounds: int, seed: str):
    deck = Deck(n, seed=seed)
    for number in range(rounds):
        assert sorted(deck[number * n + i] for i in range(n)) == list(range(n))


@given(positions=st.lists(st.integers(0, 200), min_size=1, max_size=20))
def test_what_lies_at_a_position_needs_no_history(positions: list[int]):
    used = Deck(7, seed="a")
    assert [used[p] for p in positions] == [Deck(7, seed="a")[p] for p in positions]


def test_rounds_and_seeds_have_orders_of_their_own():
    deck, other = Deck(50, seed="0 math"), Deck(50, seed="1 math")
    first = [deck[i] for i in range(50)]
    assert first != [deck[50 + i] for i in range(50)]
    assert first != [other[i] for i in range(50)]


def test_an_empty_deck_is_refused():
    with pytest.raises(UsageError):
        Deck(0, seed="")
