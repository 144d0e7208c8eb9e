"""Digests that tell whether two tokenizers are one: of what they do, and of their files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.memo import remembered

__all__ = ["tokenizer_digest", "tokenizer_fingerprint"]

_NO_TOKENIZER = (
    *(".safetensors", ".bin", ".pt", ".pth", ".gguf", ".index.json", ".md", ".log"),
    *("generation_config.json", "trainer_state.json", "recipe.json"),
)
"""Ends of the names of files beside a tokenizer that say nothing of it."""
_LARGEST_FILE = 100_000_000
"""Bytes beyond which a file is no tokenizer's, and not worth reading."""


def tokenizer_digest(checkpoint: Checkpoint) -> str | None:
    """Digest the files from which a tokenizer is opened; `None` where they are not known.

    Checkpoints with equal digests have one tokenizer; those of others may be equal all the same.
    """
    if checkpoint.kind is not CheckpointKind.FOLDER:
        return None
    hasher = hashlib.sha256()
    folder = Path(checkpoint.source).expanduser()
    if not folder.is_dir():
        return None
    for file in sorted([*folder.glob("*"), *folder.glob("additional_chat_templates/*")]):
        if file.is_file() and not file.name.endswith(_NO_TOKENIZER):
            if file.stat().st_size > _LARGEST_FILE:
                return None
            content = file.read_bytes()
            hasher.update(f"{file.relative_to(folder)}:{len(content)}:".encode() + content)
    return hasher.hexdigest()


def tokenizer_fingerprint(backend: Any) -> str:  # noqa: ANN401  untyped library
    """Hash what decides about tokens, not how the files happen to be written."""
    fast = getattr(backend, "backend_tokenizer", None)
    if fast is None:
        return _digest_of_rules(backend)
    # sorting a large vocabulary takes longer than reading it
    key = json.dumps([fast.to_str(), _beside_rules(backend)])
    return remembered("tokenizer", key, lambda: _digest_of_rules(backend))


def _beside_rules(backend: Any) -> dict[str, Any]:  # noqa: ANN401  untyped library
    return {
        "bos": backend.bos_token_id,
        "eos": backend.eos_token_id,
        "template": backend.chat_template,
    }


def _digest_of_rules(backend: Any) -> str:  # noqa: ANN401  untyped library
    parts = {
        "rules": _rules(backend),
        **_beside_rules(backend),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _rules(backend: Any) -> Any:  # noqa: ANN401  untyped library, any JSON
    fast = getattr(backend, "backend_tokenizer", None)
    if fast is None:
        return [type(backend).__name__, backend.get_vocab()]
    rules = json.loads(fast.to_str())
    # what a trainer last did with the tokenizer; every call here sets both anew
    for passing in ("truncation", "padding"):
        rules.pop(passing, None)
    return rules
