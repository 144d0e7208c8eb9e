"""Slots write the texts of the plain loop, read what is shared once, and go on without memory."""

from __future__ import annotations

import itertools

import pytest
import torch

from forgetscope.errors import EngineError
from forgetscope.records import Decoding
from forgetscope.scoring import open_tokenizer
from forgetscope.scoring.continuing import SlotGenerator, groups_of
from forgetscope.scoring.generation import Generator, Prompt, eos_ids
from forgetscope.scoring.paths import chooses_plainly
from tests.scoring.conftest import (
    ask_answer,
    change_weights,
    checkpoint_of,
    count_passes,
    decoder_of,
    engine_of,
)

SHOTS = tuple(range(10, 50))
GREEDY = Decoding(max_new_tokens=9)
SAMPLED = Decoding(max_new_tokens=7, do_sample=True, temperature=0.8, top_p=0.9)


def prompts_after(prefix, *, n, seed=0, first=0):
    generator = torch.Generator().manual_seed(seed)
    found = []
    for number in range(n):
        length = int(torch.randint(1, 7, (1,), generator=generator))
        own = tuple(torch.randint(3, 300, (length,), generator=generator).tolist())
        found.append(Prompt(index=first + number, tokens=prefix + own, seed=number))
    return found


def slots_of(folder, **settings):
    decoder = decoder_of(engine_of(folder))
    tokenizer = open_tokenizer(checkpoint_of(folder))
    keywords = {"batch_tokens": 64, "kept_tokens": 400} | settings
    eos = eos_ids(decoder.model, tokenizer)
    return SlotGenerator(decoder, tokenizer, eos=eos, **keywords)


def plain_of(folder):
    decoder = decoder_of(engine_of(folder))
    return Generator(decoder, open_tokenizer(checkpoint_of(folder)), kept_tokens=400)


def endings(generator, prompts, decoding, **keywords):
    found = list(itertools.chain.from_iterable(generator.generate(prompts, decoding, **keywords)))
    assert len({index for index, _ in found}) == len(found)
    return dict(found)


@pytest.fixture(scope="module", params=["llama", "bos_llama", "gpt2"])
def folder(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("decoding", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
@pytest.mark.parametrize(
    "settings",
    [{}, {"batch_tokens": 3}, {"kept_tokens": 1}, {"kept_tokens": 40, "batch_tokens": 16}],
    ids=["wide", "short passes", "one slot", "few slots"],
)
def test_slots_write_what_the_plain_loop_writes(folder, settings, decoding):
    prompts = [
        *prompts_after(SHOTS, n=12),
        *prompts_after((), n=9, seed=1, first=12),
        Prompt(index=21, tokens=SHOTS, seed=5),
        Prompt(index=22, tokens=(*SHOTS, 3, 4), seed=6),
        Prompt(index=23, tokens=(*SHOTS, 3, 4), seed=7),
    ]
    expected = endings(plain_of(folder), prompts, decoding)
    assert endings(slots_of(folder, **settings), prompts, decoding) == expected


def test_stop_strings_end_texts_alike(llama):
    prompts = prompts_after(SHOTS, n=20)
    decoding = Decoding(max_new_tokens=12, stops=("e", "th"))
    expected = endings(plain_of(llama), prompts, decoding)
    assert endings(slots_of(llama), prompts, decoding) == expected
    assert len({ending.n_tokens for ending in expected.values()}) > 1


def test_equal_prompts_are_read_once_and_drawn_apart(llama):
    prompts = [Prompt(index=n, tokens=(*SHOTS, 7), seed=n) for n in range(5)]
    engine = engine_of(llama)
    tokenizer = open_tokenizer(checkpoint_of(llama))
    generator = SlotGenerator(
        decoder_of(engine), tokenizer, eos=(), batch_tokens=64, kept_tokens=400
    )
    passes = count_passes(engine)
    found = endings(generator, prompts, Decoding(max_new_tokens=3, do_sample=True, temperature=1.0))
    assert passes[:2] == [40, 1]
    assert len({ending.text for ending in found.values()}) > 1


def test_a_family_reads_its_beginning_once_and_its_steps_together(llama):
    prompts = [Prompt(index=n, tokens=(*SHOTS, 60 + n), seed=0) for n in range(8)]
    engine = engine_of(llama)
    tokenizer = open_tokenizer(checkpoint_of(llama))
    generator = SlotGenerator(
        decoder_of(engine), tokenizer, eos=(), batch_tokens=64, kept_tokens=400
    )
    passes = count_passes(engine)
    endings(generator, prompts, Decoding(max_new_tokens=4))
    assert passes == [40, 8, 8, 8, 8]


def test_a_text_that_ends_gives_its_slot_to_the_next(llama):
    prompts = prompts_after((), n=12)
    engine = engine_of(llama)
    tokenizer = open_tokenizer(checkpoint_of(llama))
    generator = SlotGenerator(
        decoder_of(engine), tokenizer, eos=range(150), batch_tokens=64, kept_tokens=60
    )
    passes = count_passes(engine)
    found = endings(generator, prompts, Decoding(max_new_tokens=9))
    n_steps = max(ending.n_tokens for ending in found.values())
    n_tokens = sum(ending.n_tokens - 1 for ending in found.values())
    # fixed batches of four would take the longest of each; here no step goes without work
    n_prompt_passes = sum(passes) - n_tokens - sum(len(prompt.tokens) for prompt in prompts)
    assert n_prompt_passes <= 0
    assert len(found) == 12
    assert n_steps > 1


def test_families_are_formed_by_what_prompts_begin_with():
    shared = prompts_after(SHOTS, n=6)
    apart = prompts_after((), n=3, seed=1, first=6)
    few = prompts_after(tuple(range(200, 250)), n=2, seed=2, first=9)
    groups = list(groups_of([*few, *apart, *shared]))
    assert sorted(n_base for _, n_base in groups) == [0, 40]
    assert {p.index for group, n_base in groups if n_base == 40 for p in group} == set(range(6))
    assert sorted(p.index for group, _ in groups for p in group) == list(range(11))
    assert list(groups_of([])) == []


def test_a_base_leaves_every_prompt_a_token_of_its_own():
    prompts = [Prompt(index=n, tokens=SHOTS, seed=n) for n in range(5)]
    ((group, n_base),) = groups_of(prompts)
    assert (len(group), n_base) == (5, 39)


def test_a_group_that_is_done_is_passed_over_and_others_run_whole(llama):
    prompts = [*prompts_after(SHOTS, n=6), *prompts_after((), n=4, seed=1, first=6)]
    generator = slots_of(llama)
    whole = endings(generator, prompts, GREEDY)
    rest = endings(generator, prompts, GREEDY, done=range(7))
    assert rest == {index: whole[index] for index in range(6, 10)}


def test_without_memory_fewer_texts_are_continued_at_once(llama):
    prompts = prompts_after(SHOTS, n=10)
    expected = endings(plain_of(llama), prompts, GREEDY)
    engine = engine_of(llama)
    model = decoder_of(engine).model
    forward = model.forward

    def small(ids, **keywords):
        if len(ids) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return forward(ids, **keywords)

    model.forward = small
    tokenizer = open_tokenizer(checkpoint_of(llama))
    generator = SlotGenerator(
        decoder_of(engine),
        tokenizer,
        eos=eos_ids(model, tokenizer),
        batch_tokens=64,
        kept_tokens=400,
    )
    assert endings(generator, prompts, GREEDY) == expected


def test_a_prompt_that_never_fits_has_no_ending_and_the_rest_goes_on(llama):
    prompts = [*prompts_after((), n=3), Prompt(index=3, tokens=tuple(range(9, 70)), seed=0)]
    engine = engine_of(llama)
    model = decoder_of(engine).model
    forward = model.forward

    def small(ids, **keywords):
        if ids.numel() > 40:
            raise torch.OutOfMemoryError("out of memory")
        return forward(ids, **keywords)

    model.forward = small
    tokenizer = open_tokenizer(checkpoint_of(llama))
    generator = SlotGenerator(
        decoder_of(engine), tokenizer, eos=(), batch_tokens=64, kept_tokens=400
    )
    found = endings(generator, prompts, GREEDY)
    assert found[3] is None
    assert all(found[index] is not None for index in range(3))


def test_logits_that_are_no_numbers_name_the_checkpoint(model):
    change_weights(model, lambda weights: weights["model.norm.weight"].fill_(float("nan")))
    generator = slots_of(model)
    with pytest.raises(EngineError, match="`model` answers no numbers"):
        endings(generator, prompts_after((), n=2), GREEDY)


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_a_model_proves_its_slots(name, request):
    engine = engine_of(request.getfixturevalue(name))
    list(engine.answer([ask_answer(n, "The quick" * (1 + n), decoding=GREEDY) for n in range(6)]))
    proof = engine._generator.proof
    assert proof.is_passed, proof
    assert proof.difference < 1e-3
    assert engine.notes == ()


def test_a_model_that_forgets_its_slots_falls_back_and_says_so(llama, tmp_path, monkeypatch):
    asked = [ask_answer(n, "The quick" * (1 + n), decoding=GREEDY) for n in range(6)]
    expected = {answer.request_id: answer.text for answer in engine_of(llama).answer(asked)}
    monkeypatch.setenv("FORGETSCOPE_CACHE", str(tmp_path))
    engine = engine_of(llama)
    decoder = decoder_of(engine)
    slot_logits = decoder.slot_logits
    decoder.slot_logits = lambda tokens, slots: slot_logits(tokens, slots).roll(1, dims=1)
    assert {a.request_id: a.text for a in engine.answer(asked)} == expected
    (note,) = engine.notes
    assert "fixed batches" in note


def test_settings_that_change_the_choice_of_a_token_keep_the_plain_loop(llama):
    config = decoder_of(engine_of(llama)).model.generation_config
    assert chooses_plainly(config)
    for name, value in (("repetition_penalty", 1.1), ("suppress_tokens", [3]), ("min_length", 4)):
        config.update(**{name: value})
        assert not chooses_plainly(config)
        config.update(**{name: None})
    assert chooses_plainly(config)
