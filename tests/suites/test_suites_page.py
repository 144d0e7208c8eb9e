"""What docs/suites.md says is so."""

import re
from pathlib import Path

from forgetscope.records import Purpose
from forgetscope.suites import load_suite, preset_names, read_own_tasks
from forgetscope.suites.catalog import catalog

PAGE = (Path(__file__).parents[2] / "docs" / "suites.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def write(folder):
    (folder / "capitals.jsonl").write_text(blocks("json")[0])
    for suffix in ("toml", "yaml"):
        (folder / f"suite.{suffix}").write_text(blocks(suffix)[0])
    return folder


def test_the_table_of_presets_is_what_the_presets_say_of_themselves():
    rows = [f"| `{name}` | {load_suite(name).description} |" for name in preset_names()]
    assert "\n".join(["|---|---|", *rows, ""]) in PAGE


def test_the_rows_of_the_page_are_questions(tmp_path):
    tasks = read_own_tasks(write(tmp_path) / "capitals.jsonl", name="capitals")
    assert [task.name for task in tasks] == ["capitals_choice", "capitals_text"]


def test_the_suite_files_of_the_page_are_suites(tmp_path):
    folder = write(tmp_path)
    whole, short = (load_suite(str(folder / f"suite.{suffix}")) for suffix in ("toml", "yaml"))
    for suite in (whole, short):
        assert suite.default_policy().policy.margin_of("knowledge") == 0.03
        assert suite.choices[-1].file == str(folder / "capitals.jsonl")
    assert {c.name for c in short.choices} < {c.name for c in whole.choices}


def test_the_page_names_every_task_that_is_held_out():
    said = PAGE[PAGE.index("`held-out` are") : PAGE.index("all others are `dev`")]
    patterns = [name.rstrip("_") for name in re.findall(r"`([a-z0-9_]+)\*?`", said)]
    for entry in catalog():
        for name in entry.match:
            is_named = any(f"{name}_".startswith(f"{pattern}_") for pattern in patterns)
            assert is_named == (entry.purpose is Purpose.HELD_OUT), name
