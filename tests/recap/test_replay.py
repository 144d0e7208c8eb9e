from __future__ import annotations

import math

import pytest
import torch
from transformers import AutoModelForCausalLM

from forgetscope.recap import Material
from forgetscope.recap.replay import ReplayRows, Row, answer_losses, batches_of
from forgetscope.records import Lesson
from tests.tiny import save_tiny_llama


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> torch.nn.Module:
    return AutoModelForCausalLM.from_pretrained(save_tiny_llama(tmp_path_factory.mktemp("m")))


ROWS = [
    Row(domain="a", prompt_ids=(5, 6, 7), answer_ids=(8, 9)),
    Row(domain="b", prompt_ids=(10,), answer_ids=(11, 12, 13, 14, 15, 16)),
    Row(domain="a", prompt_ids=(20, 21, 22, 23, 24), answer_ids=(25,)),
]


def _loss(model: torch.nn.Module, row: Row) -> float:
    """The loss of one row alone, token by token, without padding."""
    ids = [*row.prompt_ids, *row.answer_ids]
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids])).logits[0].double()
    first = len(row.prompt_ids)
    return -sum(
        math.log(torch.softmax(logits[place - 1], dim=0)[ids[place]].item())
        for place in range(first, len(ids))
    )


def test_losses_are_those_of_every_row_alone(model: torch.nn.Module):
    found = answer_losses(model, ROWS, pad=0)
    assert list(found) == ["a", "b"]
    assert [n for _, n in found.values()] == [3, 6]
    expected = {"a": _loss(model, ROWS[0]) + _loss(model, ROWS[2]), "b": _loss(model, ROWS[1])}
    for domain, (total, _) in found.items():
        assert total.item() == pytest.approx(expected[domain], rel=1e-4)


def test_batches_hold_every_row_once_and_add_up(model: torch.nn.Module):
    batches = list(batches_of(ROWS, size=2))
    assert [len(batch) for batch in batches] == [2, 1]
    assert sorted(row.domain for batch in batches for row in batch) == ["a", "a", "b"]
    whole = sum(total.item() for total, _ in answer_losses(model, ROWS, pad=0).values())
    parts = sum(
        total.item()
        for batch in batches
        for total, _ in answer_losses(model, batch, pad=0).values()
    )
    assert parts == pytest.approx(whole, rel=1e-5)


def test_the_loss_teaches(model: torch.nn.Module):
    total, _ = answer_losses(model, ROWS, pad=0)["b"]
    total.backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def _rows(*sizes: int, rows: int = 2, seed: int = 0) -> ReplayRows:
    materials = [
        Material(
            name=f"m{k}",
            domain="ab"[k % 2],
            lessons=tuple(Lesson(prompt=f"{k}-{i}", gold="g") for i in range(size)),
        )
        for k, size in enumerate(sizes)
    ]

    def encode(lesson: Lesson, domain: str) -> Row:
        number = 100 * int(lesson.prompt[0]) + int(lesson.prompt[2:])
        return Row(domain=domain, prompt_ids=(number,), answer_ids=(1,))

    return ReplayRows(materials, encode=encode, rows=rows, seed=seed)


def _numbers(rows: list[Row]) -> list[int]:
    return [row.prompt_ids[0] for row in rows]


def test_every_domain_gives_its_rows_at_every_step():
    replayed = _rows(5, 4, 3)
    assert replayed.objectives == ("a/replay", "b/replay")
    for step in range(5):
        rows = replayed.at(step, process=0, n_processes=1)
        assert [row.domain for row in rows] == ["a", "a", "b", "b"]


def test_materials_of_one_domain_are_shuffled_together():
    seen = [
        n for step in range(4) for n in _numbers(_rows(5, 4, 3).at(step, process=0, n_processes=1))
    ]
    assert {n for n in seen if n < 100 or n >= 200} == {0, 1, 2, 3, 4, 200, 201, 202}


def test_a_step_needs_no_history():
    ahead = _rows(5, 4)
    for step in range(3):
        ahead.at(step, process=0, n_processes=1)
    assert ahead.at(3, process=0, n_processes=1) == _rows(5, 4).at(3, process=0, n_processes=1)


def test_processes_share_one_order():
    one = _rows(6, rows=4)
    two = _rows(6, rows=2)
    for step in range(4):
        parts = [two.at(step, process=p, n_processes=2) for p in range(2)]
        assert _numbers(one.at(step, process=0, n_processes=1)) == _numbers([*parts[0], *parts[1]])


def test_seeds_have_orders_of_their_own():
    orders = {
        tuple(
            n
            for s in range(4)
            for n in _numbers(_rows(9, seed=seed).at(s, process=0, n_processes=1))
        )
        for seed in range(4)
    }
    assert len(orders) == 4


def test_a_model_without_pictures_is_told_nothing_of_them():
    class Strict(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, *, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> object:
            logits = torch.zeros((*input_ids.shape, 40)) * attention_mask[..., None] + self.weight
            return type("Output", (), {"logits": logits})

    (total, n) = answer_losses(Strict(), ROWS, pad=0)["b"]
    assert total.item() == pytest.approx(n * math.log(40), rel=1e-5)
