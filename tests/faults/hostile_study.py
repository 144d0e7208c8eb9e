"""A study in which every text that comes from outside is hostile."""

from forgetscope.records import (
    Answer,
    Checkpoint,
    CheckpointKind,
    Item,
    OutputType,
    Request,
    RequestKind,
    Score,
    StopReason,
    Task,
)
from forgetscope.store import Study
from tests.faults.corpus import PATHS, corpus, in_utf8

LABELS = ("../../base", "<b onload=x>\x1b[2J::error::x", "=1+1|[bold]\n{{7*7}}")
"""Of its checkpoints, the base first."""
NAMES = tuple(dict.fromkeys((*PATHS, *[text for text in in_utf8() if 0 < len(text) < 200][::20])))
"""Of its tasks, with one item each, beside the one task that holds the whole corpus."""
WHOLE = "whole"


def write_study(folder):
    """Write the study into a folder and return the folder."""
    tasks = [_task(WHOLE)] + [_task(name) for name in NAMES]
    items = [_item(WHOLE, number, text) for number, text in enumerate(corpus())]
    items += [_item(name, number, name) for number, name in enumerate(NAMES)]
    with Study(folder, create=True) as study, study.whole():
        study.set_meta("base", LABELS[0])
        study.add_tasks(tasks)
        study.add_items(items)
        study.add_requests(_request(item) for item in items)
        for place, label in enumerate(LABELS):
            _answer(study, label, place, items)
        command = f"forgetscope eval {LABELS[1]}"
        run = study.start_run(command=command, started="now", provenance={"note": LABELS[1]})
        study.finish_run(run, finished="2026-01-01T00:00:00+00:00")
    return folder


def _answer(study, label, place, items):
    checkpoint = Checkpoint(
        label=label,
        source=f"/models/{label}",
        kind=CheckpointKind.FOLDER,
        step=place,
        fingerprint=f"{place}" * 64,
    )
    study.put_checkpoint(checkpoint, engine="e", description={"name": LABELS[2], "dtype": "x"})
    answers = study.answers(model=checkpoint.fingerprint, engine="e")
    texts = [item.gold if place == 0 else item.prompt for item in items]
    answers.append(
        Answer(request_id=f"r-{item.id}", text=text, n_tokens=3, stop_reason=StopReason.STOP)
        for item, text in zip(items, texts, strict=True)
    )
    scores = [
        Score(
            item_id=item.id,
            value=float(place == 0 or number % 3 == 0),
            answer=text,
            extracted=text,
            error=text if place and number % 50 == 1 else None,
        )
        for number, (item, text) in enumerate(zip(items, texts, strict=True))
    ]
    answers.put_scores(scores, prompt_hashes={item.id: item.prompt_hash for item in items})


def _task(name):
    return Task(
        name=name,
        domain="math" if name == WHOLE else "knowledge",
        metric="exact_match",
        filter="strict",
        chance=0.0,
        output_type=OutputType.GENERATE,
        version="1",
        n_shots=0,
        fingerprint="f" * 16,
    )


def _item(task, number, text):
    identity = f"{'w' if task == WHOLE else 'n'}{number}"
    return Item(
        id=identity,
        task=task,
        document_id=number,
        prompt=text,
        prompt_hash="p",
        gold=text,
        choices=(text, f"{text}2"),
        chance=0.0,
        cluster=f"{identity}{text[:50]}",
    )


def _request(item):
    return Request(
        id=f"r-{item.id}",
        item_id=item.id,
        index=0,
        kind=RequestKind.GENERATE,
        context=item.prompt,
        continuation="",
        decoding=None,
    )
