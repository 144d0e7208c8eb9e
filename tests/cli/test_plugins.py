"""Engines, suites and formats of another package, from the command to the study."""

import sys

import pytest

from forgetscope import Study
from forgetscope.api.exporters import export_by_plugin, exporter_names
from forgetscope.errors import PluginError, UnknownNameError
from tests import acme

ENGINES = "forgetscope.engines"


def test_engine_and_suite_of_the_page_are_used_by_name(site, call, run_folder, mirror, tmp_path):
    acme.install_documented(site)
    out = tmp_path / "study"
    arguments = [run_folder / "base", f"--data-dir={mirror}", f"--out={out}"]
    code, _, err = call("eval", *arguments, "--engine=acme", "--suite=acme-small")
    assert code == 0, err
    with Study(out) as study:
        assert study.engine("base")["engine"] == "acme of acme-forgetscope 1.2"
        answered = study.side("base").profile()
    assert sorted(column.task.name for column in answered.columns) == ["arc_easy", "lambada_openai"]
    _, _, again = call("eval", *arguments, "--engine=acme")
    assert "0 answers computed" in again


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nothing_of_that_name", "cannot be loaded: ModuleNotFoundError"),
        ("def engine(checkpoint, tokenizer, config): 1 / 0", "failed: ZeroDivisionError"),
        ("def engine(checkpoint, tokenizer, config): return 3", "has no method `answer`"),
        (
            "class engine:\n"
            "    def __init__(self, *_): pass\n"
            "    def answer(self, requests, **_): yield 'yes'\n",
            "yields str, not `Answer`",
        ),
        (
            "class engine:\n"
            "    def __init__(self, *_): pass\n"
            "    def answer(self, requests, **_): raise KeyError('x')\n",
            "failed: KeyError",
        ),
    ],
)
def test_a_broken_engine_ends_in_one_line_that_names_it(
    code, said, site, call, run_folder, mirror, tmp_path
):
    acme.install(site, {ENGINES: {"bad": "broken:engine"}}, code=code, module="broken")
    code, out, err = call(
        "eval",
        run_folder / "base",
        "--tasks=arc_easy",
        f"--data-dir={mirror}",
        f"--out={tmp_path / 'study'}",
        "--engine=bad",
    )
    assert (code, out) == (4, "")
    assert f"error: the engine `bad` of `acme-forgetscope 1.2` {said}" in err
    assert "Traceback" not in err


def test_a_misspelt_engine_is_answered_with_that_of_a_plugin(site, call, run_folder, tmp_path):
    acme.install_documented(site)
    code, _, err = call(
        "eval", run_folder / "base", "--tasks=arc_easy", f"--out={tmp_path}", "--engine=amce"
    )
    assert code == 2
    assert "did you mean `acme`?" in err
    assert "acme" not in sys.modules


def test_an_exporter_of_a_plugin_writes_a_study(site, study, tmp_path):
    acme.install_documented(site)
    with Study(study) as opened:
        (file,) = export_by_plugin(opened, "verdicts", tmp_path / "out")
        domains = opened.diagnose().comparisons[-1].domains
    rows = [line.split("\t") for line in file.read_text().splitlines()]
    assert rows == [[row.name, str(row.verdict)] for row in domains]
    assert exporter_names() == ("verdicts",)


def test_export_writes_in_the_format_of_a_plugin_and_promises_nothing_it_cannot_keep(
    site, study, call, tmp_path
):
    acme.install_documented(site)
    code, _, err = call("export", study, "--to=verdicts", f"--out={tmp_path / 'out'}")
    assert code == 0, err
    assert (tmp_path / "out" / "verdicts.txt").is_file()
    code, _, err = call(
        "export", study, "--to=verdicts", f"--out={tmp_path / 'not'}", "--redact=prompts"
    )
    assert code == 2
    assert "always gets the whole study" in err
    assert not (tmp_path / "not").exists()
    code, _, err = call("export", study, "--to=verdict", f"--out={tmp_path / 'not'}")
    assert "did you mean `verdicts`?" in err


def test_an_exporter_that_fails_or_lies_is_told_by_name(site, study, tmp_path):
    code = "def fails(study, out): 1 / 0\ndef lies(study, out): return [out / 'nothing']\n"
    points = {"fails": "broken:fails", "lies": "broken:lies"}
    acme.install(site, {"forgetscope.exporters": points}, code=code, module="broken")
    with Study(study) as opened:
        with pytest.raises(
            PluginError, match=r"`fails` of `acme-forgetscope 1\.2` failed: ZeroDiv"
        ):
            export_by_plugin(opened, "fails", tmp_path)
        with pytest.raises(PluginError, match=r"`lies` of `acme-forgetscope 1\.2` names a file"):
            export_by_plugin(opened, "lies", tmp_path)
        with pytest.raises(UnknownNameError, match="unknown exporter `parquet`"):
            export_by_plugin(opened, "parquet", tmp_path)
