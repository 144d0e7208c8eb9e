"""Fixtures of the scoring room: tiny checkpoints and the shorthand to ask them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from forgetscope.records import Checkpoint, Decoding, Request, RequestKind
from forgetscope.scoring import (
    EngineConfig,
    HfEngine,
    open_engine,
    open_tokenizer,
    resolve_series,
)
from forgetscope.scoring.decoder import Decoder
from tests.tiny import CHAT_TEMPLATE, save_tiny_gpt2, save_tiny_llama


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("FORGETSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def llama(tmp_path_factory) -> Path:
    """A tiny Llama with a chat template; its window is 128 tokens."""
    return save_tiny_llama(tmp_path_factory.mktemp("models") / "llama", chat_template=CHAT_TEMPLATE)


@pytest.fixture(scope="session")
def bos_llama(tmp_path_factory) -> Path:
    """A tiny Llama whose tokenizer adds BOS by itself, like many real ones."""
    return save_tiny_llama(tmp_path_factory.mktemp("models") / "bos", seed=1, adds_bos=True)


@pytest.fixture(scope="session")
def gpt2(tmp_path_factory) -> Path:
    """A tiny GPT-2: learned positions, tied embeddings, a window of 64 tokens."""
    return save_tiny_gpt2(tmp_path_factory.mktemp("models") / "gpt2")


@pytest.fixture
def model(llama, tmp_path) -> Path:
    """A copy of the tiny Llama that a test may break."""
    return Path(shutil.copytree(llama, tmp_path / "model"))


def change_weights(folder: Path, change) -> None:
    file = folder / "model.safetensors"
    weights = load_file(file)
    change(weights)
    save_file(weights, file, metadata={"format": "pt"})


def checkpoint_of(folder: Path) -> Checkpoint:
    return resolve_series([str(folder)])[0]


def engine_of(folder: Path, **config: object) -> HfEngine:
    checkpoint = checkpoint_of(folder)
    return open_engine(checkpoint, open_tokenizer(checkpoint), EngineConfig(**config))


def decoder_of(engine: HfEngine) -> Decoder:
    return engine._generator._decoder


def count_passes(engine: HfEngine) -> list[int]:
    """Return a list that gains the number of tokens of every forward pass from now on."""
    passes: list[int] = []
    model = decoder_of(engine).model
    forward = model.forward

    def counted(ids, **keywords):
        passes.append(ids.numel())
        return forward(ids, **keywords)

    model.forward = counted
    return passes


def ask(kind: RequestKind) -> Callable[..., Request]:
    def request(
        number: int, context: str, continuation: str = "", decoding: Decoding | None = None
    ) -> Request:
        return Request(
            id=f"r{number}",
            item_id=f"i{number}",
            index=0,
            kind=kind,
            context=context,
            continuation=continuation,
            decoding=decoding,
        )

    return request


ask_pair = ask(RequestKind.LOGLIKELIHOOD)
ask_text = ask(RequestKind.ROLLING)
ask_answer = ask(RequestKind.GENERATE)
