"""Spans: every token is predicted once, after as much text as the window holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import UsageError
from forgetscope.scoring.spans import rolling_spans, span_of_pair
from forgetscope.scoring.tokenizer import EncodedPair

TOKENS = st.lists(st.integers(0, 99), min_size=1, max_size=40).map(tuple)


@given(context=TOKENS, continuation=TOKENS, max_length=st.integers(2, 50))
def test_a_pair_keeps_its_end_and_counts_what_it_loses(context, continuation, max_length):
    pair = EncodedPair(context=context, continuation=continuation)
    if len(continuation) > max_length:
        with pytest.raises(UsageError, match="does not fit"):
            span_of_pair(pair, max_length=max_length)
        return
    span = span_of_pair(pair, max_length=max_length)
    whole = context + continuation
    assert span.targets == continuation
    assert whole[:-1][-len(span.inputs) :] == span.inputs
    assert len(span.inputs) <= max_length
    assert len(span.inputs) + 1 + span.n_truncated == len(whole)


@given(tokens=st.lists(st.integers(0, 99), max_size=60), max_length=st.integers(2, 20))
def test_rolling_predicts_every_token_once_in_order(tokens, max_length):
    spans = list(rolling_spans(tokens, prefix=-1, max_length=max_length))
    assert [token for span in spans for token in span.targets] == tokens
    position = 0
    for span in spans:
        position += len(span.targets)
        # inputs are the text before the last target, shifted by the prefix
        text = [-1, *tokens][:position][-len(span.inputs) :]
        assert list(span.inputs) == text
        assert len(span.targets) <= len(span.inputs) <= max_length
    assert all(len(span.inputs) == max_length for span in spans[1:])
