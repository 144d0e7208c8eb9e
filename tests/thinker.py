"""A tiny model that was trained to think first: whatever it is asked, it thinks and says seven."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import LlamaForCausalLM

from tests.tiny import EOS, save_tiny_llama, tiny_tokenizer

TEMPLATE = (
    "{% for m in messages %}[{{ m['role'] }}] {{ m['content'].split('</think>')[-1] }}\n"
    "{% endfor %}{% if add_generation_prompt %}[assistant] "
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n"
    "{% else %}<think>\n{% endif %}{% endif %}"
)
"""Opens the thought in the prompt, as templates of published models do, and has their switch."""

THOUGHT = "Question: 3\n</think>\n\n"
"""Holds the stop string of gsm8k, and a number that is not the answer."""
ANSWER = "#### 7\n"
REST = "Question: 9"
"""What follows the answer, and is no part of it."""


def save_thinker(folder: Path, *, steps: int = 120) -> Path:
    """Save the model; with its thought ended by the prompt it answers at once."""
    save_tiny_llama(folder, window=600, chat_template=TEMPLATE)
    model, tokenizer = LlamaForCausalLM.from_pretrained(folder), tiny_tokenizer()
    ways = [
        [tokenizer.encode(text, add_special_tokens=False) for text in way]
        for way in (
            ("\n[assistant] <think>\n", f"{THOUGHT}{ANSWER}{REST}{EOS}"),
            ("\n[assistant] <think>\n\n</think>\n\n", f"{ANSWER}{REST}{EOS}"),
        )
    ]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _train(model, ways, steps=steps)
    model.save_pretrained(folder)
    return folder


def _train(model, ways, *, steps):
    """Train on answers behind questions of random tokens, which so cannot matter."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    rows = 8
    for step in range(steps):
        opened, answer = ways[step % 2]
        n_asked = int(torch.randint(5, 80, ()))
        asked = torch.randint(2, model.config.vocab_size, (rows, n_asked))
        rest = torch.tensor([opened + answer]).expand(rows, -1)
        tokens = torch.cat([asked, rest], dim=1)
        labels = tokens.clone()
        labels[:, : n_asked + len(opened)] = -100
        model(input_ids=tokens, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
