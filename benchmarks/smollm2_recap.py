r"""Write what SmolLM2-135M is to keep: its own answers and texts, replayed while it learns sums.

    python benchmarks/smollm2.py base --out smollm2
    python benchmarks/smollm2_recap.py --model smollm2/base --data-dir mirror \
        --out smollm2/replay.jsonl
    forgetscope train --config benchmarks/smollm2_recap.yaml --compare grpo --out smollm2-recap

Nobody has the data that a released model was trained on; what it writes by itself is the nearest
thing. Two domains: sampled answers to IFEval's prompts (which no suite here evaluates), and texts
that it begins on its own. Everything is drawn from one seed.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPTS = "google/IFEval/default/train.jsonl"  # in a mirror
BATCH = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=256, help="of each domain")
    parser.add_argument("--tokens", type=int, default=64, help="longest answer or text")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    began = time.monotonic()
    rows = list(replay_rows(arguments))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    print(f"{len(rows)} rows in {time.monotonic() - began:.0f} s: {arguments.out}")


def replay_rows(arguments: argparse.Namespace) -> Iterator[dict[str, str]]:
    tokenizer = AutoTokenizer.from_pretrained(arguments.model, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.bfloat16).eval()
    questions = prompts(arguments.data_dir / PROMPTS, n=arguments.rows)
    asked = [chat(tokenizer, question) for question in questions]
    for prompt, answer in zip(asked, written(model, tokenizer, asked, arguments), strict=True):
        if answer:
            yield {"prompt": prompt, "answer": answer, "domain": "instruction"}
    begun = [tokenizer.bos_token] * arguments.rows
    for text in written(model, tokenizer, begun, arguments):
        if text:
            yield {"text": text, "domain": "language"}


def prompts(path: Path, *, n: int) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line)["prompt"] for line in file][:n]


def chat(tokenizer: AutoTokenizer, question: str) -> str:
    messages = [{"role": "user", "content": question}]
    text: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return text


@torch.inference_mode()
def written(
    model: AutoModelForCausalLM,
    tokenizer: AutoTokenizer,
    texts: list[str],
    arguments: argparse.Namespace,
) -> Iterator[str]:
    for first in range(0, len(texts), BATCH):
        batch = tokenizer(
            texts[first : first + BATCH],
            return_tensors="pt",
            padding=True,
            add_special_tokens=False,
        )
        answers = model.generate(
            **batch,
            max_new_tokens=arguments.tokens,
            do_sample=True,
            temperature=1.0,
            pad_token_id=tokenizer.pad_token_id,
        )
        own = answers[:, batch["input_ids"].shape[1] :]
        yield from (t.strip() for t in tokenizer.batch_decode(own, skip_special_tokens=True))


if __name__ == "__main__":
    main()
