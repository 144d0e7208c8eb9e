"""A recipe: everything that decides what a training run makes, in one record or one file."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from forgetscope.errors import UnknownNameError, UsageError, nearest
from forgetscope.recap.methods import Method, method_of
from forgetscope.recap.run import TESTBED_RUN, GrpoRun, Retention
from forgetscope.suites import parse_yaml

__all__ = ["Recipe", "read_content", "read_recipe", "recipe_of"]

Section = TypeVar("Section", GrpoRun, Retention)

DTYPES = ("float32", "bfloat16", "float16")
EVALUATION = (
    *("suite", "tasks", "limit", "repeats", "target", "data_dir", "engine", "dtype"),
    *("system", "thinking", "think_tags", "max_new_tokens", "temperature", "top_p", "allow_code"),
)
"""What a recipe file may say of the evaluation after training; chats are as in training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one model is made from another."""

    method: str = "recap"
    """A name in `METHODS`."""
    model: str = ""
    """The starting checkpoint: a folder, or `org/name` on a hub."""
    reasoning: tuple[str, ...] = ()
    """Sources of the target."""
    replay: tuple[str, ...] = ()
    """Sources of what has to be kept."""
    run: GrpoRun = field(default_factory=GrpoRun)
    retention: Retention = field(default_factory=Retention)
    rule: Mapping[str, Any] = field(default_factory=dict)
    """Name and options of the weighting rule; see `make_rule`."""
    trainer: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of TRL's `GRPOConfig`."""
    lora: Mapping[str, Any] = field(default_factory=dict)
    """Fields of PEFT's `LoraConfig`; empty: all weights are trained."""
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    """What the checkpoints are evaluated on afterwards; does not change them."""
    chat_template: bool = False
    """Whether prompts go through the tokenizer's chat template."""
    dtype: str = "float32"
    """Arithmetic of training: float32, bfloat16 or float16. Weights that are trained stay in
    float32; those under an adapter are kept in this."""

    def __post_init__(self) -> None:
        method_of(self.method)
        if self.dtype not in DTYPES:
            raise UnknownNameError("dtype", self.dtype, known=DTYPES)

    @property
    def kind(self) -> Method:
        """The method."""
        return method_of(self.method)

    @property
    def rule_name(self) -> str:
        """The weighting rule; empty where the method has none."""
        if not self.kind.replays:
            return ""
        return str(self.kind.rule or self.rule.get("name", "code"))

    @property
    def rule_options(self) -> dict[str, Any]:
        """What `make_rule` is told beside the name."""
        options = {key: value for key, value in self.rule.items() if key != "name"}
        # a method with a rule of its own takes the options that were written for that rule alone
        return options if self.rule.get("name", self.rule_name) == self.rule_name else {}

    @property
    def digest(self) -> str:
        """Hex digest of all that decides the weights."""
        record = dataclasses.asdict(self)
        del record["evaluation"], record["run"]["n_threads"]
        text = json.dumps(record, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_yaml(self) -> str:
        """Return the file that `read_recipe` reads back."""
        record = dataclasses.asdict(self)
        plain = {key: list(v) if isinstance(v, tuple) else v for key, v in record.items()}
        return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)


def read_recipe(path: Path) -> Recipe:
    """Return the recipe in a YAML file; see `read_content` and `recipe_of`."""
    return recipe_of(read_content(path), where=str(path))


def read_content(path: Path) -> Mapping[str, Any]:
    """Return what a YAML file says, unchecked.

    Raises
    ------
    UsageError
        The file cannot be read, or is no list of keys.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the recipe `{path}`: {error}") from error
    content = parse_yaml(text, where=f"`{path}`")
    if not content:
        raise UsageError(
            f"`{path}` is no recipe", hint="write `key: value` lines, as `method: grpo`"
        )
    return content


def recipe_of(content: Mapping[str, Any], *, where: str) -> Recipe:
    """Return the recipe of plain values; errors speak of `where`.

    What `run` leaves out is as `GrpoRun` has it, or as suits the testbed's models where every
    target is of the testbed.
    """
    refuse_unknown(content, {f.name for f in dataclasses.fields(Recipe)}, where=where)
    values = dict(content)
    for key in ("reasoning", "replay"):
        values[key] = _texts(content.get(key), f"{where}: {key}")
    is_testbed = all(source.startswith("testbed:") for source in values["reasoning"])
    run = TESTBED_RUN if values["reasoning"] and is_testbed else GrpoRun()
    values["run"] = _section(run, content, "run", where=where)
    values["retention"] = _section(Retention(), content, "retention", where=where)
    for key in ("rule", "trainer", "lora", "evaluation"):
        values[key] = _mapping(content, key, where=where)
    refuse_unknown(values["evaluation"], set(EVALUATION), where=f"{where}: evaluation")
    for key, kind in (("method", str), ("model", str), ("dtype", str), ("chat_template", bool)):
        if key in values and not isinstance(values[key], kind):
            raise UsageError(
                f"`{key}` in `{where}` is {values[key]!r}; it must be a {kind.__name__}"
            )
    return Recipe(**values)


def refuse_unknown(content: Mapping[str, Any], known: set[str], *, where: str) -> None:
    """Raise a `UsageError` with the nearest known key for the first key that nobody knows."""
    for key in content:
        if key not in known:
            near = nearest(str(key), known)
            few = f"known: {', '.join(sorted(known))}" if len(known) <= 30 else None
            raise UsageError(
                f"unknown key `{key}` in `{where}`",
                hint=f"did you mean `{near[0]}`?" if near else few,
            )


def refuse_text(name: str, value: object, *, where: str) -> None:
    """Raise a `UsageError` if the value of a number is a text."""
    if isinstance(value, str):
        raise UsageError(
            f"`{name}` in `{where}` is the text {value!r}; it must be a number",
            hint="YAML reads 3e-4 as text: write 3.0e-4",
        )


def _section(default: Section, content: Mapping[str, Any], key: str, *, where: str) -> Section:
    values = _mapping(content, key, where=where)
    refuse_unknown(values, {f.name for f in dataclasses.fields(default)}, where=f"{where}: {key}")
    for name, value in values.items():
        refuse_text(name, value, where=f"{where}: {key}")
    return dataclasses.replace(default, **values)


def _mapping(content: Mapping[str, Any], key: str, *, where: str) -> dict[str, Any]:
    value = content.get(key) or {}
    if not isinstance(value, Mapping):
        raise UsageError(f"`{key}` in `{where}` is no list of `key: value` lines")
    return dict(value)


def _texts(value: object, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise UsageError(f"`{where}` is no list of sources", hint="write `[gym:chain_sum]`")
    return tuple(value)
