"""What docs/pipelines.md tells people to type works as written."""

import json
import os
import re
import shlex
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from forgetscope.cli.main import run
from tests.cli.parsed import parse

PAGE = (Path(__file__).parents[2] / "docs" / "pipelines.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in block.strip().splitlines()
]

DOCUMENTS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
WORKFLOW = next(document for document in DOCUMENTS if "jobs" in document)
STEPS = WORKFLOW["jobs"]["gate"]["steps"]


@pytest.fixture
def place(study, tmp_path, monkeypatch):
    for name in ("study", "other"):
        shutil.copytree(study, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("line", LINES)
def test_a_line_runs(line, place, capsys):
    program, *arguments = shlex.split(line)
    assert program == "forgetscope"
    code = run(arguments)
    captured = capsys.readouterr()
    # the models are random, so the gate may fail
    allowed = {0, 1, 5} if arguments[0] == "gate" and "--exit-zero" not in arguments else {0}
    assert code in allowed, captured.err
    if "-o" in arguments:
        written = place / arguments[arguments.index("-o") + 1]
        assert written.read_text(encoding="utf-8").strip()
        assert captured.out == ""


def test_each_format_is_what_its_name_says(place, capsys):
    def text(*arguments):
        assert run(["gate", "study", "--exit-zero", *arguments]) == 0
        return capsys.readouterr().out

    assert json.loads(text("--json"))["schema"] == "forgetscope.report/1"
    assert ET.fromstring(text("--format", "junit")).tag == "testsuites"
    assert text("--format", "latex").startswith("% needs")
    assert text("--format", "csv").startswith("checkpoint,level,domain,")
    assert text("--format", "md").startswith("# ")
    assert text("--format", "github").startswith("## ")
    assert place.is_dir()


def test_the_page_lists_every_format_and_every_exit_code():
    from forgetscope.cli.app import EPILOG
    from forgetscope.cli.talk import Format

    for form in Format:
        assert f"`{form}`" in PAGE
    for code in re.findall(r"\b(\d+) [a-z]", EPILOG):
        assert f"| {code} |" in PAGE


def _commands(document):
    """Yield every command that a pipeline runs, wherever it stands."""
    if isinstance(document, str):
        yield from (line for line in document.splitlines() if line.startswith("forgetscope "))
    elif isinstance(document, dict):
        for value in document.values():
            yield from _commands(value)
    elif isinstance(document, list):
        for value in document:
            yield from _commands(value)


@pytest.mark.parametrize("line", [line for document in DOCUMENTS for line in _commands(document)])
def test_every_command_of_a_pipeline_has_the_options_it_names(line):
    assert parse(line)


def test_the_workflow_is_one_that_a_runner_reads():
    assert {"name", True, "permissions", "jobs"} <= set(WORKFLOW), "YAML reads `on` as true"
    for step in STEPS:
        assert len({"uses", "run"} & set(step)) == 1
        assert set(step) <= {"id", "if", "uses", "run", "with"}
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "a/b@v1"))
        assert "${{ inputs" not in step.get("run", ""), "an input in a script can be a script"
    known = {step["id"] for step in STEPS if "id" in step}
    used = re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", json.dumps(STEPS))
    assert used
    for step, output in used:
        assert step in known
        assert f"| `{output}` |" in PAGE


def test_the_workflow_runs_from_the_base_to_the_gate(run_folder, mirror, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE", str(run_folder / "base"))
    monkeypatch.setenv("CHECKPOINT", str(run_folder / "run" / "checkpoint-5"))
    monkeypatch.setenv("FORGETSCOPE_DATA_DIR", str(mirror))
    Path("suite.toml").write_text('[[task]]\nname = "arc_easy"\n')
    Path("policy.toml").write_text("margin = 0.02\n")
    codes = []
    for step in STEPS:
        words = shlex.split(os.path.expandvars(step.get("run", "")))
        if words[:1] == ["cp"]:
            shutil.copytree(words[2], words[3])
        elif words[:1] == ["forgetscope"]:
            codes.append(run(words[1:]))
    assert codes[:3] == [0, 0, 0]
    assert codes[3] in (0, 1), "the models are random, so the gate may fail"
    kept = next(step["with"]["path"] for step in STEPS if "upload" in step.get("uses", ""))
    for path in kept.split():
        assert Path(path).exists()
    assert Path("study/report/report.md").exists()
