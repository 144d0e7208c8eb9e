"""Names and paths from outside lead nowhere but to one clear error."""

import ast
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

import forgetscope
from forgetscope.api import ImportRequest, import_logs
from forgetscope.cli.main import run
from forgetscope.errors import (
    CheckpointError,
    DataError,
    ForgetscopeError,
    LogError,
    StudyError,
    UsageError,
)
from forgetscope.interchange.logs.locate import locate
from forgetscope.scoring import resolve_series
from forgetscope.scoring.hub import parse_hub_source
from forgetscope.scoring.shards import find_shards
from forgetscope.store import Study
from forgetscope.suites import find_data, load_suite
from tests.faults.corpus import PATHS, corpus
from tests.interchange.made_logs import choices, write_lm_eval
from tests.tiny import save_tiny_llama

LEADING_OUT = ("../x.safetensors", "/etc/x.safetensors", "a/b.safetensors", "..\\x.safetensors")
AWKWARD = ("x" * 300, "../../x", "\x1b[2J", "[bold]x[/]", "a\udcffb", "::error::x", "~nobody/x")


@pytest.fixture
def archives(tmp_path):
    """A study's file, weights and logs, packed; one with a member that leads out."""
    (tmp_path / "study.sqlite").write_bytes(b"x")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("../../out.txt", "out")
        archive.write(tmp_path / "study.sqlite", "study.sqlite")
    with tarfile.open(tmp_path / "packed.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "study.sqlite", "/out.sqlite")
    return [tmp_path / "packed.zip", tmp_path / "packed.tar.gz"]


def test_no_archive_is_opened_wherever_a_folder_is_expected(archives, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    for path in archives:
        with pytest.raises(StudyError, match="no archive is opened"):
            Study(path)
        with pytest.raises(CheckpointError, match="is an archive, and none is opened"):
            resolve_series([str(path)])
        with pytest.raises(LogError, match="is an archive, and none is opened"):
            locate(path)
        with pytest.raises(DataError, match="an archive is not opened"):
            find_data(path, "a", None)
        with pytest.raises(UsageError):
            load_suite(str(path))
    assert sorted(tmp_path.rglob("*")) == before


def test_an_archive_beside_logs_or_data_is_not_looked_into(archives, tmp_path):
    with pytest.raises(LogError):
        locate(tmp_path)
    (tmp_path / "a" / "default").mkdir(parents=True)
    archives[0].rename(tmp_path / "a" / "default" / "test.zip")
    assert find_data(tmp_path, "a", None) is None


@pytest.mark.parametrize("name", [*LEADING_OUT, "x.bin", "", " x.safetensors", 3, None])
def test_an_index_of_weights_that_leads_elsewhere_is_refused(tmp_path, name):
    folder = save_tiny_llama(tmp_path / "model")
    (folder / "model.safetensors").rename(tmp_path / "x.safetensors")
    index = {"metadata": {}, "weight_map": {"lm_head.weight": name}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(CheckpointError, match="no safetensors file of its own folder"):
        find_shards(folder)


def test_a_file_of_a_suite_is_a_task_file_or_an_error(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    for name in (*PATHS, "secret.txt"):
        path = tmp_path / "suite.toml"
        path.write_text(f"[[task]]\nfile = {json.dumps(name)}\n")
        with pytest.raises((ForgetscopeError, OSError)) as caught:
            load_suite(str(path))
        assert isinstance(caught.value, ForgetscopeError) or len(name) > 100


def test_no_task_file_reads_data_outside_the_mirror(tmp_path):
    (tmp_path / "data" / "default").mkdir(parents=True)
    (tmp_path / "data" / "default" / "test.jsonl").write_text("{}")
    (tmp_path / "mirror").mkdir()
    for name in ("../data", "/data", str(tmp_path / "data"), "x/../../data"):
        assert find_data(tmp_path / "mirror", name, None) is None


def test_a_name_on_a_hub_is_two_plain_words():
    for text in (*corpus(), *PATHS):
        found = parse_hub_source(text)
        if found is not None:
            parts = found.repository.split("/")
            assert len(parts) == 2
            assert not {".", ".."} & set(parts)
    for text in ("../x", "a/..", "./a", "a/../b", "/a/b", "a//b", "http://a/b", "a/b@", "-/.x"):
        assert parse_hub_source(text) is None


@pytest.mark.parametrize("label", ["../../out", "/out", "a\x1b[2J", "..", "x" * 300, "con"])
def test_a_label_of_a_log_is_made_harmless_and_nothing_is_written_elsewhere(tmp_path, label):
    write_lm_eval(tmp_path / "logs" / "base", {"arc_easy": choices(4)})
    request = ImportRequest(label=label)
    import_logs([str(tmp_path / "logs")], tmp_path / "in" / "study", request=request)
    with Study(tmp_path / "in" / "study") as study:
        (checkpoint,) = study.series()
    assert checkpoint.label.isprintable()
    assert "/" not in checkpoint.label
    assert {path.name for path in tmp_path.iterdir()} == {"logs", "in"}


def test_results_with_marks_of_a_pattern_in_their_name_are_names(tmp_path):
    for name in ("results_**.json", "results_[.json", "results_?.json"):
        (tmp_path / name).write_text("{}")
        with pytest.raises(LogError, match="samples"):
            locate(tmp_path / name)


@pytest.mark.parametrize(
    "command",
    [
        ("report", "NAME"),
        ("diff", "NAME", "NAME"),
        ("suites", "NAME"),
        ("import", "NAME"),
        ("gate", "x", "--policy", "NAME"),
        ("eval", "NAME", "--tasks", "arc_easy"),
        ("eval", "A=NAME", "--tasks", "arc_easy"),
        ("eval", "x", "--suite", "NAME"),
        ("eval", "x", "--tasks", "arc_easy", "--engine", "NAME"),
        ("power", "--suite", "NAME"),
    ],
)
def test_any_name_on_the_command_line_is_told_without_a_raw_control(
    command, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in AWKWARD:
        code = run([part.replace("NAME", name) for part in command])
        told = "".join(capsys.readouterr())
        assert code in (2, 4), (name, told)
        assert not set(told) & {"\x1b", "\x07", "\r", "\x9b", "\udcff"}
    assert list(tmp_path.iterdir()) == []


RUNNERS = ("execute", "executemany", "executescript", "chosen")


def _sql_calls():
    for path in sorted(Path(forgetscope.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            is_reader = node.func.attr in ("rows", "chunks")
            if node.func.attr in RUNNERS or (
                is_reader and ast.unparse(node.func.value).endswith(("_db", "database"))
            ):
                yield path, node


PARTS = {
    "SCHEMA_VERSION",
    "rows.SCORE_COLUMNS",
    "table",
    "', '.join('?' * 24)",
}
"""All that statements are put together from: constants of the code."""


def test_no_statement_of_sql_is_made_of_a_value():
    calls = list(_sql_calls())
    assert len(calls) > 25
    for path, call in calls:
        statement = call.args[0]
        for node in ast.walk(statement):
            if isinstance(node, ast.FormattedValue):
                assert ast.unparse(node.value) in PARTS, (path, ast.unparse(statement))
            assert not isinstance(node, ast.Mod), (path, ast.unparse(statement))
            is_format = isinstance(node, ast.Attribute) and node.attr == "format"
            # `chosen` writes as many question marks as there are ids
            assert not is_format or path.name == "database.py", path
