"""What docs/settings.md says is so."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import typer

from forgetscope.cli.app import app
from forgetscope.cli.config_file import ConfigFile
from forgetscope.cli.configuration import configure, settings_of, strange_variables
from forgetscope.cli.endings import ending_of
from forgetscope.errors import UnknownNameError
from tests.cli.test_contract import SHARED

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.fixture
def commands():
    found = typer.main.get_command(app).commands
    configure(found)
    return found


def _block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)[1]


def test_the_file_of_the_page_is_understood(commands):
    text = _block("toml")
    file = ConfigFile(path=Path("forgetscope.toml"), text=text, content=tomllib.loads(text))
    found = settings_of(file, commands)
    assert found["gate"]["require"] == "held"
    assert found["gate"]["domains"] == "reading,logic"
    assert found["report"]["margin"] == found["gate"]["margin"] == "3pp"


def test_the_variables_of_the_page_are_read(commands, monkeypatch):
    names = re.findall(r"FORGETSCOPE_[A-Z_]*[A-Z]", PAGE)
    assert len(names) >= 2
    for name in names:
        monkeypatch.setenv(name, "x")
    assert list(strange_variables(commands)) == []


def test_every_option_that_all_commands_share_is_told():
    told = set(re.findall(r"--[a-z-]+", PAGE))
    short = {"--quiet": "-q", "--verbose": "-v", "--progress": "--no-progress"}
    for option in SHARED:
        assert option in told or short[option] in PAGE


def test_the_error_of_the_page_is_one_that_happens():
    error = UnknownNameError("checkpoint", "bsae", known=["base", "step-1"])
    assert json.loads(_block("json")) == json.loads(ending_of(error, arguments=[]).json())


def test_the_codes_of_the_page_are_those_of_every_help(call):
    text = " ".join(call("gate", "--help")[1].split())
    for code in re.findall(r"^\| (\d+) \|", PAGE, flags=re.MULTILINE):
        assert re.search(rf"\b{code} [a-z]", text)


def test_an_option_of_two_values_is_a_list_in_a_file(commands):
    text = '[eval]\nthink-tags = ["<t>", "</t>"]\n'
    file = ConfigFile(path=Path("forgetscope.toml"), text=text, content=tomllib.loads(text))
    assert settings_of(file, commands)["eval"]["think_tags"] == ["<t>", "</t>"]
