"""Segments are the pack, see what its tokens see, and leave out what no token sees."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.scoring.branches import BRANCHES, branches_of, can_cut
from forgetscope.scoring.kept import Kept
from forgetscope.scoring.segments import segments_of
from forgetscope.scoring.trie import Trie
from tests.scoring.conftest import decoder_of, engine_of


def seen_by(pack, place):
    """Positions of base and pack that a token sees, from the definition of a branch."""
    path = next(path for path in pack.paths if place in path)
    own = path[: int(np.flatnonzero(path == place)[0]) + 1]
    return {*range(pack.base), *(pack.base + own).tolist()}


def n_pairs(segments):
    return sum((segment.stop - segment.start) * len(segment.keys_T) for segment in segments)


@given(
    sequences=st.lists(
        st.lists(st.integers(0, 2), min_size=3, max_size=300).map(tuple),
        min_size=1,
        max_size=12,
        unique=True,
    ),
    base=st.integers(0, 2),
)
def test_segments_are_the_pack_and_look_at_what_their_tokens_see(sequences, base):
    sequences = sorted((0,) * base + sequence for sequence in sequences)
    pack = Trie(sequences).pack(0, len(sequences), base=base)
    segments = segments_of(pack)
    places = [place for each in segments for place in range(each.start, each.stop)]
    assert places == list(range(len(pack.tokens_N)))
    for segment in segments:
        seen = set().union(*(seen_by(pack, n) for n in range(segment.start, segment.stop)))
        assert segment.keys_T.tolist() == sorted(seen)


def test_documents_with_nothing_in_common_do_not_look_at_each_other():
    documents = [tuple(range(start, start + 100)) for start in range(0, 1000, 100)]
    segments = segments_of(Trie(documents).pack(0, len(documents), base=0))
    assert n_pairs(segments) == 10 * 100 * 100


def test_a_long_text_is_cut_and_its_beginning_does_not_look_at_its_end():
    segments = segments_of(Trie([tuple(range(1024))]).pack(0, 1, base=0))
    assert len(segments) > 1
    assert n_pairs(segments) < 0.7 * 1024**2


def test_a_few_tokens_are_one_segment():
    options = [(1, 2, 3, option) for option in range(4)]
    (segment,) = segments_of(Trie(options).pack(0, 4, base=0))
    assert (segment.start, segment.stop) == (0, 7)


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_segments_give_the_logits_of_the_whole_mask(family, request):
    decoder = decoder_of(engine_of(request.getfixturevalue(family)))
    assert can_cut(decoder.model)
    generator = torch.Generator().manual_seed(0)
    shots = tuple(torch.randint(3, 300, (20,), generator=generator).tolist())
    documents = [
        shots + tuple(torch.randint(3, 300, (n,), generator=generator).tolist())
        for n in (40, 41, 3, 42, 40, 40)
    ]
    trie = Trie(sorted([*documents, (*documents[0][:50], 7, 8)]))
    rows = np.arange(trie.new_tokens(0, len(trie), base=20))
    found = {}
    for cuts in (True, False):
        decoder._cuts = cuts
        kept = Kept()
        decoder.branch_logits(trie.stretch(0, base=0, stop=20), kept, np.array([19]))
        kept.length = 20
        found[cuts] = decoder.branch_logits(trie.pack(0, len(trie), base=20), kept, rows)
    assert len(segments_of(trie.pack(0, len(trie), base=20))) > 1
    torch.testing.assert_close(found[True], found[False], atol=1e-5, rtol=1e-5)


def test_a_model_that_keeps_the_segments_to_itself_is_read_with_the_whole_mask(llama):
    decoder = decoder_of(engine_of(llama))
    pack = Trie([(5, 6, 7), (5, 8)]).pack(0, 2, base=0)
    expected = decoder.branch_logits(pack, Kept(), np.arange(4))
    forward = decoder.model.forward
    decoder.model.forward = lambda ids, **keywords: forward(
        ids, **{k: v for k, v in keywords.items() if k != "branches"}
    )
    torch.testing.assert_close(decoder.branch_logits(pack, Kept(), np.arange(4)), expected)


def test_the_kernel_of_a_model_is_what_it_was_after_a_pass(llama):
    decoder = decoder_of(engine_of(llama))
    before = decoder.model.config._attn_implementation
    decoder.branch_logits(Trie([(5, 6)]).pack(0, 1, base=0), Kept(), np.array([1]))
    assert decoder.model.config._attn_implementation == before != BRANCHES


def test_eager_attention_is_not_cut(llama):
    model = decoder_of(engine_of(llama)).model
    model.config._attn_implementation = "eager"
    assert not can_cut(model)


def test_neighbouring_keys_are_not_copied():
    pack = Trie([tuple(range(100)), tuple(range(200, 300))]).pack(0, 2, base=0)
    branches = branches_of(segments_of(pack), torch.zeros(200, 200))
    assert [part.keys for part in branches.parts] == [slice(0, 100), slice(100, 200)]
