import math

import pytest

from forgetscope.records import (
    Answer,
    Checkpoint,
    CheckpointKind,
    Item,
    OutputType,
    Score,
    StopReason,
    Task,
)
from forgetscope.store import Study


@pytest.fixture
def task():
    return Task(
        name="sums",
        domain="math",
        metric="exact_match",
        filter="strict",
        chance=0.0,
        output_type=OutputType.GENERATE,
        version="1",
        n_shots=0,
        fingerprint="f" * 16,
    )


@pytest.fixture
def checkpoint():
    return Checkpoint(
        label="base",
        source="/models/base",
        kind=CheckpointKind.FOLDER,
        step=None,
        fingerprint="a" * 64,
    )


@pytest.fixture
def study(tmp_path):
    with Study(tmp_path / "study", create=True) as opened:
        yield opened


@pytest.fixture
def make_item():
    def make(number, *, task="sums", prompt_hash="p"):
        return Item(
            id=f"item-{number}",
            task=task,
            document_id=number,
            prompt=f"{number} + {number} =",
            prompt_hash=prompt_hash,
            gold=str(2 * number),
            choices=(),
            chance=math.nan,
            cluster=f"item-{number}",
        )

    return make


@pytest.fixture
def make_answer():
    def make(number, **changes):
        fields = {
            "request_id": f"request-{number}",
            "text": str(2 * number),
            "n_tokens": 2,
            "stop_reason": StopReason.STOP,
        }
        return Answer(**{**fields, **changes})

    return make


@pytest.fixture
def make_score():
    def make(number, value=1.0, **changes):
        return Score(item_id=f"item-{number}", value=value, answer=str(2 * number), **changes)

    return make
