"""Are our answers those of stock lm-eval? Per request and per task, on a real model.

    python benchmarks/parity.py --model MODEL --data-dir MIRROR [--tasks A,B] [--limit N]

Both sides get the same requests; the peer is lm-eval's own HFLM in float32 with a float32 softmax.
Exits with 1 if a log-probability differs by more than 1e-3 nat, a greedy flag differs, or an
accuracy differs.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from lm_eval.models.huggingface import HFLM

from forgetscope.evaluation.harness import Built, build, judge, load_tasks
from forgetscope.records import Answer, Request, RequestKind
from forgetscope.scoring import EngineConfig, open_engine, open_tokenizer, resolve_series
from forgetscope.suites import Suite, TaskChoice

TASKS = "arc_easy,hellaswag,lambada_openai,winogrande,blimp_causative,boolq,gsm8k"
TOLERANCE_NATS = 1e-3


def main() -> int:
    """Compare and print one line a task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="folder of a checkpoint")
    parser.add_argument("--data-dir", required=True, type=Path)
    parser.add_argument("--tasks", default=TASKS)
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--json", type=Path, help="write the rows here")
    arguments = parser.parse_args()
    choices = tuple(TaskChoice(name=name, max_new_tokens=64) for name in arguments.tasks.split(","))
    suite = Suite(name="parity", choices=choices)
    (checkpoint,) = resolve_series([arguments.model])
    tokenizer = open_tokenizer(checkpoint)
    engine = open_engine(checkpoint, tokenizer, EngineConfig(dtype="float32"))
    stock = HFLM(
        pretrained=arguments.model,
        dtype="float32",
        softmax_dtype="float32",
        batch_size=8,
        device="cpu",
    )
    rows = []
    for loaded in load_tasks(suite, data_dir=arguments.data_dir):
        built = build(loaded, seed=suite.seed, limit=arguments.limit)
        row = compare(built, engine, stock)
        print(row_text(row), flush=True)
        rows.append(row)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    is_equal = all(row["is_equal"] for row in rows)
    print("all equal" if is_equal else "NOT EQUAL")
    return 0 if is_equal else 1


def compare(built: Built, engine, stock: HFLM) -> dict:  # noqa: ANN001  # any engine
    """Return how far the two sides are apart on one task, and what they cost."""
    began = time.process_time()
    ours = {answer.request_id: answer for answer in engine.answer(built.requests)}
    our_seconds = time.process_time() - began
    began = time.process_time()
    theirs = stock_answers(built, stock)
    stock_seconds = time.process_time() - began
    differences = [
        abs(ours[key].logprob - theirs[key].logprob)
        for key in theirs
        if theirs[key].logprob is not None
    ]
    mean_ours, mean_theirs = mean(built, ours), mean(built, theirs)
    row = {
        "task": built.loaded.task.name,
        "metric": built.loaded.task.metric,
        "items": len(built.items),
        "requests": len(built.requests),
        "max_difference_nats": max(differences, default=None),
        "greedy_flags_differ": sum(ours[k].is_greedy != theirs[k].is_greedy for k in theirs),
        "texts_differ": sum(ours[k].text != theirs[k].text for k in theirs),
        "score": mean_ours,
        "stock_score": mean_theirs,
        "cpu_ratio": stock_seconds / our_seconds,
    }
    row["is_equal"] = (
        max(differences, default=0.0) <= TOLERANCE_NATS
        and row["greedy_flags_differ"] == 0
        and mean_ours == mean_theirs
    )
    return row


def stock_answers(built: Built, stock: HFLM) -> dict[str, Answer]:
    """Return what lm-eval's HFLM answers to the same requests."""
    instances = [instance for item in built.items for instance in built.instances[item.id]]
    kind = built.requests[0].kind
    responses = getattr(stock, kind.value)(instances, disable_tqdm=True)
    return {
        request.id: stock_answer(request, response)
        for request, response in zip(built.requests, responses, strict=True)
    }


def stock_answer(request: Request, response: object) -> Answer:
    """Return one response of HFLM as an answer."""
    if request.kind is RequestKind.GENERATE:
        return Answer(request_id=request.id, text=str(response), n_tokens=0)
    if request.kind is RequestKind.ROLLING:
        return Answer(request_id=request.id, logprob=float(response), n_tokens=0)
    logprob, is_greedy = response
    return Answer(request_id=request.id, logprob=logprob, is_greedy=bool(is_greedy), n_tokens=0)


def mean(built: Built, answers: dict[str, Answer]) -> float:
    """Return the primary metric of the task."""
    values = [score.value for score in judge(built, answers)]
    return sum(values) / len(values)


def row_text(row: dict) -> str:
    """Return one line of the table."""
    apart = row["max_difference_nats"]
    difference = f"{apart:.1e} nat" if apart is not None else f"{row['texts_differ']} texts differ"
    return (
        f"{row['task']:20} {row['items']:5} items  {difference:>16}  "
        f"{row['score']:.4f} against {row['stock_score']:.4f}  CPU ratio {row['cpu_ratio']:.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
