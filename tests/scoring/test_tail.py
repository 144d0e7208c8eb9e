"""The last layer works for the tokens that are asked for, and what is asked for is the same."""

from __future__ import annotations

import pytest
import torch

from forgetscope.scoring.tail import Tail
from forgetscope.scoring.tree import TreeScorer
from tests.scoring.conftest import decoder_of, engine_of
from tests.scoring.test_tree import branches, scores_of

N_TOKENS = 9


class _Layer(torch.nn.Module):
    def __init__(self, mlp):
        super().__init__()
        self.mlp = mlp


class _Bare(torch.nn.Module):
    """A model of one layer that is an MLP alone."""

    def __init__(self, mlp):
        super().__init__()
        self.layers = torch.nn.ModuleList([_Layer(mlp)])

    def get_decoder(self):
        return self

    def forward(self, hidden):
        return hidden + self.layers[-1].mlp(hidden)


class _Telling(torch.nn.Module):
    """An MLP of experts: it says beside its output how they were chosen."""

    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 4)

    def forward(self, hidden):
        return self.linear(hidden), "router"


def seen_tokens(mlp):
    """Note of how many tokens a module is asked."""
    seen = []
    mlp.register_forward_hook(lambda _, inputs, _output: seen.append(inputs[0].shape[1]))
    return seen


@pytest.mark.parametrize("keep", [[], [0], [3, 8], [8, 3]])
@torch.inference_mode()
def test_what_is_kept_comes_out_as_ever_and_nothing_else_is_computed(keep):
    torch.manual_seed(0)
    linear = torch.nn.Linear(4, 4)
    model = _Bare(torch.nn.Sequential(linear))
    seen = seen_tokens(linear)
    hidden = torch.randn(1, N_TOKENS, 4)
    expected = model(hidden)
    with Tail(model).only(torch.tensor(keep, dtype=torch.long), n_tokens=N_TOKENS):
        found = model(hidden)
    assert torch.allclose(found[:, keep], expected[:, keep], atol=1e-6)
    assert seen == [N_TOKENS, max(1, len(keep))]
    assert "forward" not in vars(model.layers[-1].mlp)


@torch.inference_mode()
def test_where_nearly_all_is_asked_for_all_is_computed():
    linear = torch.nn.Linear(4, 4)
    model = _Bare(torch.nn.Sequential(linear))
    seen = seen_tokens(linear)
    with Tail(model).only(torch.arange(N_TOKENS - 1), n_tokens=N_TOKENS):
        model(torch.randn(1, N_TOKENS, 4))
    assert seen == [N_TOKENS]


@torch.inference_mode()
def test_an_mlp_that_says_more_than_its_output_is_left_alone():
    mlp = _Telling()
    model = _Bare(mlp)
    tail, hidden = Tail(model), torch.randn(1, N_TOKENS, 4)
    for _ in range(2):
        with tail.only(torch.tensor([1]), n_tokens=N_TOKENS):
            output, told = mlp(hidden)
        assert torch.equal(output, mlp.linear(hidden))
        assert told == "router"


@torch.inference_mode()
def test_an_mlp_that_is_given_tokens_without_their_row_is_left_alone():
    linear = torch.nn.Linear(N_TOKENS, 4)
    mlp = torch.nn.Sequential(linear)
    hidden = torch.randn(N_TOKENS, N_TOKENS)
    with Tail(_Bare(mlp)).only(torch.tensor([1]), n_tokens=N_TOKENS):
        assert torch.equal(mlp(hidden), linear(hidden))


@torch.inference_mode()
def test_an_mlp_whose_weights_are_fetched_when_needed_is_left_alone():
    mlp = torch.nn.Sequential(torch.nn.Linear(4, 4))
    mlp.forward = own = lambda hidden: hidden
    with Tail(_Bare(mlp)).only(torch.tensor([1]), n_tokens=N_TOKENS):
        assert mlp.forward is own


def test_a_pass_that_fails_leaves_the_model_as_it_was():
    model = _Bare(torch.nn.Sequential(torch.nn.Linear(4, 4)))
    with pytest.raises(KeyError), Tail(model).only(torch.tensor([1]), n_tokens=N_TOKENS):
        raise KeyError
    assert "forward" not in vars(model.layers[-1].mlp)


def test_the_tree_asks_the_last_layer_of_a_model_for_predictions_alone(llama):
    decoder = decoder_of(engine_of(llama))
    first, *_, last = decoder.model.get_decoder().layers
    all_tokens, asked = seen_tokens(first.mlp.act_fn), seen_tokens(last.mlp.act_fn)
    spans = branches(tuple(range(10, 60)), n_documents=3)
    scores_of(TreeScorer(decoder, batch_tokens=64), spans)
    n_predictions = len({(span.inputs[: len(span.inputs) - i]) for span in spans
                         for i in range(len(span.targets))})  # fmt: skip
    assert sum(asked) < 0.5 * sum(all_tokens)
    assert n_predictions <= sum(asked) <= n_predictions + len(asked)
