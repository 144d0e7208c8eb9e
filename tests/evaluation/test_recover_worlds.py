"""The recovery probe where the truth is known: a habit was changed, or an ability destroyed."""

import random

import pytest
import torch

from forgetscope import testbed
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.scoring import resolve_series
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice
from forgetscope.testbed.domains import domains, rows

pytestmark = pytest.mark.slow


def _tune(source, folder, write, *, steps, seed):
    """Train sums further, with answers as `write` makes them of the right one."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(source)
    tokenizer = AutoTokenizer.from_pretrained(source)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    falling = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, steps)
    rng = random.Random(seed)
    drawn = rows(domains()[0], rng, held_out=False)
    for _ in range(steps):
        texts = [
            (row.prompt, write(row.gold, rng)) for row, _ in zip(drawn, range(32), strict=False)
        ]
        optimiser.zero_grad()
        _loss(model, tokenizer, texts).backward()
        optimiser.step()
        falling.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _mostly_unmarked(gold, rng):
    # now and then marked: a habit that is changed without it also shifts the sums behind a mark
    return gold if rng.random() < 0.8 else f"#{gold}"


def _loss(model, tokenizer, texts):
    whole = [
        (tokenizer.encode(p), [*tokenizer.encode(a), tokenizer.eos_token_id]) for p, a in texts
    ]
    width = max(len(prompt) + len(answer) for prompt, answer in whole)
    ids = torch.full((len(whole), width), tokenizer.pad_token_id)
    labels = torch.full((len(whole), width), -100)
    for place, (prompt, answer) in enumerate(whole):
        end = len(prompt) + len(answer)
        ids[place, :end] = torch.tensor(prompt + answer)
        labels[place, len(prompt) : end] = torch.tensor(answer)
    return model(input_ids=ids, labels=labels).loss


@pytest.fixture(scope="module")
def recovered(tmp_path_factory):
    """Of each checkpoint: scores of the begun answers, by what became of the item unasked."""
    folder = tmp_path_factory.mktemp("worlds")
    source = testbed.train_base(seed=0, size="small", cache=folder / "cache")
    marked = _tune(source, folder / "marked", lambda gold, _: f"#{gold}", steps=1000, seed=1)
    _tune(marked, folder / "unmarked", _mostly_unmarked, steps=60, seed=2)
    _tune(marked, folder / "scrambled", lambda _, rng: f"#{rng.randint(10, 26)}", steps=60, seed=3)
    own = testbed.tasks(n_items=300)[:1]
    options = EvaluationOptions(own=own, recover=True)
    suite = Suite(name="sums", choices=(TaskChoice(name=own[0].name),))
    series = resolve_series([str(folder / name) for name in ("marked", "unmarked", "scrambled")])
    with Study(folder / "study", create=True) as study:
        evaluate_series(series, open_suite(suite, options=options), study, options=options)
        return {label: _begun(study, label) for label in ("unmarked", "scrambled")}


def _begun(study, label):
    (before,), (after,) = study.profile("marked").columns, study.profile(label).columns
    moved = dict(
        zip(
            before.item_ids,
            zip(before.value_I.tolist(), after.value_I.tolist(), strict=True),
            strict=True,
        )
    )
    values = {}
    for result in study.probes(label):
        if result.kind == "prefix":
            values.setdefault(moved[result.item_id], []).append(result.value)
    return values


def test_an_ability_that_only_lost_its_form_comes_back_when_the_answer_is_begun(recovered):
    lost = recovered["unmarked"][1.0, 0.0]
    assert len(lost) == 100
    assert sum(lost) > 80


def test_an_ability_that_was_destroyed_does_not_come_back_though_the_help_breaks_nothing(recovered):
    lost, kept = (recovered["scrambled"][group] for group in ((1.0, 0.0), (1.0, 1.0)))
    assert len(lost) == 100
    assert sum(lost) < 5
    assert len(kept) > 10
    assert sum(kept) > 0.9 * len(kept)
