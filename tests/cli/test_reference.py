"""docs/cli.md is what the commands say of themselves."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from forgetscope.cli.app import COMMANDS
from forgetscope.cli.reference import page
from tests.cli.parsed import parse
from tests.cli.test_contract import FLAGS, SHARED

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
EXAMPLES = re.findall(r"```bash\n(.*?)\n```", page(), flags=re.DOTALL)


def test_the_page_is_not_stale():
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run `python -m forgetscope.cli.reference > docs/cli.md`"
    )


def test_the_command_that_the_page_names_writes_it_without_torch():
    program = (
        "import runpy, sys\n"
        "runpy.run_module('forgetscope.cli.reference', run_name='__main__')\n"
        "sys.exit(1 if {'torch', 'transformers'} & set(sys.modules) else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == page()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_of_a_command_stands_in_its_section(name):
    section = page().split(f"## `forgetscope {name}`\n")[1].split("\n## ")[0]
    found = set(re.findall(r"`(--[a-z-]+)", section))
    assert {flag for flag in found if not flag.startswith("--no-")} >= FLAGS[name] | {"--format"}
    assert not found & (SHARED - {"--format"})


def test_shared_flags_and_exit_codes_are_told_once():
    *_, last = page().split("## Every command\n")
    assert set(re.findall(r"`(--[a-z-]+)", last)) >= SHARED - {"--format"}
    codes = re.findall(r"^\| (\d+) \|", last, flags=re.MULTILINE)
    assert codes == ["0", "1", "2", "3", "4", "5", "130"]


def test_a_row_has_three_cells_whatever_stands_in_it():
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert len(rows) > 50
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}


@pytest.mark.parametrize("line", EXAMPLES)
def test_every_example_is_understood(line):
    assert parse(line)


def test_there_is_an_example_of_every_command():
    assert [line.split()[1] for line in EXAMPLES] == list(COMMANDS)
