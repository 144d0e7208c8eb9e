"""What docs/pipelines.md tells people to type works as written."""

import json
import re
import shlex
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from forgetscope.cli.main import run

PAGE = (Path(__file__).parents[2] / "docs" / "pipelines.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in block.strip().splitlines()
]


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
