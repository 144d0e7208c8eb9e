"""The readers that are fuzzed, each with valid seeds and its share of the inputs."""

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TARGETS", "Target"]

Read = Callable[[bytes, Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One reader."""

    make: Callable[[], Read]
    """Imports what is needed and returns what takes an input and a folder of its own."""
    seeds: tuple[bytes, ...]
    share: float
    """Of all inputs."""


def _file(name: str, load: Callable[[], Callable[[Path], object]]) -> Callable[[], Read]:
    def make() -> Read:
        read = load()

        def one(data: bytes, folder: Path) -> None:
            path = folder / name
            path.write_bytes(data)
            read(path)

        return one

    return make


def _text(load: Callable[[], Callable[[str], object]]) -> Callable[[], Read]:
    def make() -> Read:
        read = load()
        return lambda data, _: read(data.decode("utf-8", "surrogateescape")) and None

    return make


def _hold(is_true: bool, said: str) -> None:
    """Tell a finding where a reader accepted what makes no sense."""
    if not is_true:
        raise AssertionError(said)


def _suite() -> Callable[[Path], object]:
    from forgetscope.suites import load_suite

    def read(path: Path) -> object:
        suite = load_suite(str(path))
        names = [choice.name for choice in suite.choices]
        _hold(len(set(names)) == len(names) and suite.seed >= 0, "a suite of nonsense")
        return suite.fingerprint

    return read


def _policy() -> Callable[[Path], object]:
    from forgetscope.suites import load_policy

    def read(path: Path) -> None:
        policy = load_policy(path).policy
        margins = [policy.margin, *(own.margin for own in policy.domains.values())]
        _hold(all(m is None or 0.0 < m < 1.0 for m in margins), "a margin of nonsense")
        _hold(0.0 < policy.alpha < 0.5, "an alpha of nonsense")

    return read


def _recipe() -> Callable[[Path], object]:
    from forgetscope.recap.recipe import read_recipe

    def read(path: Path) -> object:
        recipe = read_recipe(path)
        run = recipe.run
        _hold(run.steps >= 1 and 0 < run.learning_rate < math.inf, "a run of nonsense")
        _hold(0 < run.temperature < math.inf and run.seed >= 0, "a run of nonsense")
        return recipe.digest

    return read


def _settings() -> Callable[[Path], object]:
    import typer

    from forgetscope.cli.app import app
    from forgetscope.cli.config_file import read_config
    from forgetscope.cli.configuration import settings_of

    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]

    def read(path: Path) -> object:
        found = read_config(path.parent)
        return found and settings_of(found, commands)

    return read


def _questions() -> Callable[[Path], object]:
    from forgetscope.suites import read_own_tasks

    return lambda path: read_own_tasks(path, name="mine")


def _lessons() -> Callable[[Path], object]:
    from forgetscope.recap.sources.files import jsonl_lessons
    from forgetscope.recap.sources.spec import parse_source

    return lambda path: jsonl_lessons(parse_source(f"jsonl:{path}"))


def _task_file() -> Callable[[Path], object]:
    from forgetscope.evaluation.harness.task_file import read_task_file

    return read_task_file


def _logs() -> Callable[[Path], object]:
    from forgetscope.interchange.logs import read_logs

    def read(path: Path) -> None:
        for log in read_logs(path, known={}):
            for task in log.tasks:
                for _ in task.items(task.task.version):
                    pass

    return read


def _source() -> Callable[[str], object]:
    from forgetscope.recap.sources.spec import parse_source

    return parse_source


def _margin() -> Callable[[str], object]:
    from forgetscope.suites import parse_margin

    def read(text: str) -> bool:
        found = parse_margin(text)
        if not 0.0 < found < 1.0:
            raise AssertionError(f"a margin of {found}")
        return True

    return read


def _label() -> Callable[[str], object]:
    from forgetscope.interchange.logs import harmless

    def read(text: str) -> bool:
        found = harmless(text)
        if not found.isprintable() or set(found) & {"/", "\\"} or not found.strip(". "):
            raise AssertionError(f"no harmless name: {found!r}")
        return True

    return read


def _study() -> Read:
    from benchmarks.fuzzing.study_cells import damaged, read_all

    def one(data: bytes, folder: Path) -> None:
        damaged(data, folder)
        read_all(folder)

    return one


_TASK = {"name": "arc_easy", "limit": 5, "shots": 2, "optional": True, "temperature": 0.5}
_SUITE_TOML = b"""name = "mine"
target = "math"
seed = 3
margin = 0.02
require = "held"
[[task]]
name = "arc_easy"
limit = 5
shots = 2
domain = "knowledge"
[[task]]
name = "gsm8k"
temperature = 0.5
max_new_tokens = 9
optional = true
[domains.knowledge]
margin = "3pp"
tier = "gate"
"""
_POLICY_TOML = b"""margin = "2pp"
alpha = 0.05
require = "not-forgot"
[domains.knowledge]
margin = 0.03
tier = "watch"
weights = { arc_easy = 2.0, sciq = 1 }
[domains.math]
weights = "tasks"
"""
_POLICY_YAML = b"""margin: 2pp
alpha: 0.05
domains:
  knowledge: &k {margin: 0.03, tier: gate}
  logic: *k
"""
_RECIPE = b"""method: recap
model: org/name
reasoning: [testbed:math, gym:chain_sum?max_digits=1]
replay: [jsonl:rows.jsonl]
run: {steps: 10, learning_rate: 1.0e-4, temperature: 1.0, beta: 0.1, seed: 1, n_threads: 1}
retention: {rows: 2, coefficient: 0.3, probe_every: 0}
rule: {name: code, window: 10, temperature: 5.0}
trainer: {report_to: none}
lora: {r: 4}
evaluation: {suite: small, limit: 5}
chat_template: true
dtype: bfloat16
"""
_SETTINGS = b"""color = "never"
progress = false
[eval]
limit = 5
tasks = ["arc_easy", "sciq"]
chat-template = true
[report]
margin = "2pp"
out = "r"
"""
_SHARED = b"""[project]
name = "x"
[tool.forgetscope]
quiet = 1
[tool.forgetscope.gate]
margin = 0.02
"""
_ROWS = b"""{"question": "2 + 2?", "choices": ["3", "4"], "answer": "4", "domain": "math"}
{"prompt": "The capital of France is", "answer": "Paris", "cluster": "a"}
{"question": "x", "choices": [1, 2.5, "c"], "answer": 2}
"""
_LESSONS = b"""{"prompt": "2 + 2 =", "answer": "4"}
{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "you"}]}
{"text": "a whole text"}
"""
_TASK_FILE = b"""task: mine
dataset_path: json
dataset_kwargs: {data_files: {test: a.jsonl}}
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
generation_kwargs: {until: ["\\n"], max_gen_toks: 5}
"""


def _log_rows() -> tuple[bytes, ...]:
    rng = random.Random(0)
    rows = []
    for number in range(2):
        logprobs = [[str(-rng.random()), "False"] for _ in range(2)]
        rows.append(
            {
                "doc_id": number,
                "doc": {"question": "q", "choices": ["a", "b"], "answer": 0},
                "target": "0",
                "arguments": {f"gen_args_{n}": {"arg_0": "Q", "arg_1": f" {n}"} for n in range(2)},
                "resps": [[logprob] for logprob in logprobs],
                "filtered_resps": logprobs,
                "filter": "none",
                "metrics": ["acc"],
                "acc": 1.0,
            }
        )
    written = {
        "doc_id": 0,
        "doc": {"question": "q"},
        "target": "4",
        "arguments": {"gen_args_0": {"arg_0": "Q", "arg_1": {"until": ["\n"], "max_gen_toks": 9}}},
        "resps": [[" 4"]],
        "filtered_resps": ["4"],
        "filter": "none",
        "metrics": ["exact_match"],
        "exact_match": 1.0,
    }
    return (
        b"".join(json.dumps(row).encode() + b"\n" for row in rows),
        json.dumps(written).encode() + b"\n",
    )


def _yaml(value: object) -> bytes:
    return json.dumps(value).encode()


TARGETS = {
    "suite, TOML": Target(make=_file("s.toml", _suite), seeds=(_SUITE_TOML,), share=0.10),
    "suite, YAML": Target(
        make=_file("s.yaml", _suite),
        seeds=(_yaml({"name": "m", "extends": "small", "task": [_TASK]}), b"task:\n- name: a\n"),
        share=0.06,
    ),
    "policy, TOML": Target(make=_file("p.toml", _policy), seeds=(_POLICY_TOML,), share=0.10),
    "policy, YAML": Target(make=_file("p.yaml", _policy), seeds=(_POLICY_YAML,), share=0.06),
    "recipe, YAML": Target(make=_file("r.yaml", _recipe), seeds=(_RECIPE,), share=0.03),
    "settings, TOML": Target(
        make=_file("forgetscope.toml", _settings), seeds=(_SETTINGS,), share=0.06
    ),
    "settings, pyproject": Target(
        make=_file("pyproject.toml", _settings), seeds=(_SHARED,), share=0.05
    ),
    "own questions, JSONL": Target(make=_file("q.jsonl", _questions), seeds=(_ROWS,), share=0.12),
    "training rows, JSONL": Target(make=_file("l.jsonl", _lessons), seeds=(_LESSONS,), share=0.06),
    "task file, YAML": Target(make=_file("t.yaml", _task_file), seeds=(_TASK_FILE,), share=0.005),
    "log of lm-eval, JSONL": Target(
        make=_file("samples_a_2026-05-01T10-00-00.000000.jsonl", _logs),
        seeds=_log_rows(),
        share=0.06,
    ),
    "training source": Target(
        make=_text(_source),
        seeds=(b"gym:chain_sum?max_digits=1", b"hf:openai/gsm8k:train?config=main&prompt=q&n=5"),
        share=0.15,
    ),
    "margin": Target(make=_text(_margin), seeds=(b"2pp", b"0.02"), share=0.115),
    "label of a log": Target(make=_text(_label), seeds=(b"org__name", b"a/b\\c"), share=0.02),
    "study, cells and bytes": Target(make=lambda: _study(), seeds=(b"0", b"1"), share=0.01),
}
"""By name; the shares sum to one."""
