"""A trie lists every token once, and every token's ancestors are the tokens before it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.scoring.trie import Trie, n_shared

SEQUENCES = st.lists(
    st.lists(st.integers(0, 2), min_size=1, max_size=8).map(tuple), min_size=1, max_size=12
).map(lambda found: sorted(set(found)))


def test_a_worked_example():
    trie = Trie([(5, 1), (5, 1, 2), (5, 3), (7,)])
    assert trie.shared_S.tolist() == [0, 2, 1, 0]
    assert trie.new_tokens(0, 4, base=0) == 5
    assert trie.new_tokens(1, 3, base=1) == 3
    pack = trie.pack(0, 4, base=0)
    assert pack.tokens_N.tolist() == [5, 1, 2, 3, 7]
    assert pack.positions_N.tolist() == [0, 1, 2, 1, 0]
    assert pack.ends_N.tolist() == [4, 3, 3, 4, 5]
    assert [path.tolist() for path in pack.paths] == [[0, 1], [0, 1, 2], [0, 3], [4]]


def test_a_pack_after_a_base_begins_behind_it():
    pack = Trie([(5, 1, 2), (5, 1, 3), (5, 4)]).pack(0, 2, base=2)
    assert pack.tokens_N.tolist() == [2, 3]
    assert pack.positions_N.tolist() == [2, 2]
    assert [path.tolist() for path in pack.paths] == [[0], [1]]


def test_a_stretch_is_one_chain():
    pack = Trie([(5, 1, 2, 3, 9), (6,)]).stretch(0, base=1, stop=4)
    assert (pack.tokens_N.tolist(), pack.positions_N.tolist()) == ([1, 2, 3], [1, 2, 3])
    assert pack.ends_N.tolist() == [3, 3, 3]


def test_runs_are_cut_where_little_is_shared():
    trie = Trie([(1, 1, 1), (1, 1, 2), (1, 2), (2,)])
    assert trie.runs(0, 4, shared=2) == [(0, 2), (2, 3), (3, 4)]
    assert trie.runs(0, 4, shared=1) == [(0, 3), (3, 4)]
    assert (trie.common(0, 2), trie.common(0, 3), trie.common(2, 3)) == (2, 1, 2)


@given(SEQUENCES, st.data())
def test_every_path_spells_its_sequence_and_sees_itself_alone(sequences, data):
    trie = Trie(sequences)
    start = data.draw(st.integers(0, len(sequences) - 1))
    stop = data.draw(st.integers(start + 1, len(sequences)))
    base = data.draw(st.integers(0, trie.common(start, stop)))
    pack = trie.pack(start, stop, base=base)
    distinct = {s[:n] for s in sequences[start:stop] for n in range(base + 1, len(s) + 1)}
    assert len(pack.tokens_N) == len(distinct) == trie.new_tokens(start, stop, base=base)
    for sequence, path in zip(sequences[start:stop], pack.paths, strict=True):
        assert tuple(pack.tokens_N[path]) == sequence[base:]
        assert pack.positions_N[path].tolist() == list(range(base, len(sequence)))
        if len(path):
            last = path[-1]
            seen = [n for n in range(last + 1) if last < pack.ends_N[n]]
            assert seen == path.tolist()


@pytest.mark.parametrize("shared", [0, 1, 3])
def test_runs_cover_everything_once(shared):
    rng = np.random.default_rng(0)
    sequences = sorted({tuple(rng.integers(0, 2, size=rng.integers(1, 7))) for _ in range(30)})
    runs = Trie(sequences).runs(0, len(sequences), shared=shared)
    assert [n for start, stop in runs for n in range(start, stop)] == list(range(len(sequences)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [((), (), 0), ((), (1,), 0), ((1, 2), (1, 2), 2), ((1, 2, 3), (1, 4), 1), ((1,), (2,), 0)],
)
def test_what_two_sequences_begin_with_in_common(one, other, expected):
    assert n_shared(one, other) == n_shared(other, one) == expected
