"""`forgetscope power`, as a person types it."""

import io
import json

import pytest
from rich.console import Console

from forgetscope.cli import console
from forgetscope.cli.lines import Table, print_json, print_lines, show_table


def test_without_a_study_it_prints_the_items_for_a_margin(call):
    code, out, err = call("power", "--margin", "2pp", "--items", "164")
    assert code == 0
    head, *rows = out.splitlines()
    assert "2.0 points" in head
    assert "164 items" in head
    assert [row.split()[0] for row in rows] == ["2.0", "5.0", "10.0", "20.0"]
    needed = [int(row.split()[2].replace(",", "")) for row in rows]
    assert needed == sorted(needed)
    assert "alpha 0.05" in err


def test_many_claims_share_the_level_and_it_says_so(call):
    _, alone, _ = call("power", "--discordance", "0.1")
    _, shared, err = call("power", "--discordance", "0.1", "--checkpoints", "4", "--domains", "5")
    items = [int(out.split()[-1].replace(",", "")) for out in (alone, shared)]
    assert items[1] > 2 * items[0]
    assert "20 claims" in err
    assert "Bonferroni" in err


def test_a_study_is_told_domain_by_domain_what_it_can_prove(study, call):
    code, out, err = call("power", study)
    assert code == 0
    assert "\x1b" not in out
    names = {line.split()[0] for line in out.splitlines()[1:]}
    assert {"knowledge", "arc_easy", "math", "gsm8k"} <= names
    assert "assumed" not in err
    advice = [line for line in out.splitlines() if ": " in line]
    domains = {"knowledge", "commonsense", "reading", "language", "math"}
    assert {line.split(":")[0] for line in advice} == domains
    # two dozen items prove no margin of two points, if anything can be measured at all
    assert all("cannot be measured" in line or "cannot prove 2.0" in line for line in advice)


def test_what_is_printed_is_also_had_as_json_in_shares(study, call):
    code, out, _ = call("power", study, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["schema"] == "forgetscope.power/1"
    by_name = {row["name"]: row for row in found["rows"]}
    assert by_name["arc_easy"]["margin"] == 0.02
    assert by_name["arc_easy"]["n"] == 24
    for row in found["rows"]:
        assert row["needed"] is None or row["further"] == max(row["needed"] - row["n"], 0)
        assert (row["detectable"] is None) == (row["needed"] is None)
    plan = json.loads(call("power", "--json", "--discordance", "0.1", "--items", "164")[1])
    (row,) = plan["rows"]
    assert row["items"] > 164
    assert plan["items"] == [164]


def test_the_margins_of_a_policy_are_planned_for(study, call, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text('[domains.reading]\nmargin = "30pp"\n')
    rows = json.loads(call("power", study, "--policy", policy, "--json")[1])["rows"]
    margins = {row["name"]: row["margin"] for row in rows}
    assert margins["reading"] == margins["lambada_openai"] == 0.3
    assert margins["math"] == 0.02


def test_a_suite_is_planned_before_it_is_run(call):
    code, out, err = call("power", "--suite", "testbed", "--checkpoints", "3")
    assert code == 0
    assert "testbed_math" in out
    assert "assumed" in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere"], 4, "no study"),
        (["."], 4, "no study"),
        (["corrupt"], 4, "damaged"),
        (["--margin", "5"], 2, "5pp"),
        (["--items", "many"], 2, "--items"),
        (["--suite", "smal"], 2, "`small`"),
        (["--discordance", "0"], 2, "above 0"),
        (["--discordance", "nan"], 2, "above 0"),
        (["--power", "1"], 2, "below 1"),
        (["--power", "0.1"], 2, "0.5"),
        (["--alpha", "0.7"], 2, "0.5"),
        (["--checkpoints", "0"], 2, "--checkpoints"),
        (["--policy", "none.toml"], 2, "none.toml"),
        (["--policy", "."], 2, "folder"),
        (["--suite", "small", "--domains", "3"], 2, "--domains"),
        (["--suite", "small", "--items", "3"], 2, "--items"),
        (["nowhere", "--items", "3"], 2, "--items"),
        (["nowhere", "--suite", "small"], 2, "--suite"),
        (["nowhere", "--checkpoints", "3"], 2, "--checkpoints"),
    ],
)
def test_bad_input_is_one_clear_error(arguments, code, said, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corrupt").mkdir()
    (tmp_path / "corrupt" / "study.sqlite").write_bytes(b"no database" * 50)
    found, out, err = call("power", *arguments)
    assert (found, out) == (code, "")
    assert err.startswith("error: ")
    assert said in err
    assert "Traceback" not in err
    assert "internal" not in err


@pytest.fixture
def base_alone(call, tmp_path, run_folder, mirror):
    folder = tmp_path / "alone"
    arguments = ("--tasks=blimp_causative", f"--data-dir={mirror}", f"--out={folder}")
    assert call("eval", run_folder / "base", *arguments)[0] == 0
    return folder


def test_a_base_alone_is_planned_for_what_may_change_and_judged_by_nothing(base_alone, call):
    changed = []
    for share in ("0.05", "0.2"):
        code, out, err = call("power", base_alone, "--discordance", share, "--json")
        assert (code, err) == (0, "")
        changed.append([row["needed"] for row in json.loads(out)["rows"]])
    if None not in changed[0]:
        assert changed[1] > changed[0]
    code, out, _ = call("gate", base_alone)
    assert (code, out) == (0, "gate passed: nothing was compared\n")
    assert call("gate", base_alone, "--require", "held")[0] == 5


def test_what_a_study_measured_is_not_assumed(study, call):
    code, _, err = call("power", study, "--discordance", "0.1")
    assert code == 2
    assert "--discordance" in err


# ---- lines ---------------------------------------------------------------------------

_TABLE = Table(head=("name", "n"), rows=[("語", "7"), ("abc", "1,000")], left=(0,))


def test_a_pipe_gets_aligned_lines(capsys):
    show_table(_TABLE)
    assert capsys.readouterr().out == "name      n\n語        7\nabc   1,000\n"


def test_a_terminal_gets_a_table(monkeypatch):
    stream = io.StringIO()
    made = Console(file=stream, force_terminal=True, width=60, color_system=None)
    monkeypatch.setattr(console, "out", made)
    show_table(_TABLE)
    assert [line.split() for line in stream.getvalue().splitlines()] == [
        ["name", "n"],
        ["語", "7"],
        ["abc", "1,000"],
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_no_name_is_broken_on_a_terminal(width, study, call, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, _ = call("power", study, "--format", "table")
    assert code == 0
    lines = out.splitlines()[: 1 + 5 + 5]  # the advice below wraps as it likes
    assert max(map(len, lines)) <= width
    assert sum("blimp_causative" in line for line in lines) == 1


def test_a_stream_without_unicode_gets_ascii(monkeypatch):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)
    print_lines(["▼ math: FORGOT −3.0 [−4.0, ±0.0]"])
    stream.flush()
    assert raw.getvalue() == b"v math: FORGOT -3.0 [-4.0, +-0.0]\n"


def test_json_is_strict(capsys):
    print_json({"a": float("nan"), "b": (1.5, float("inf")), "c": {"d": None}})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [1.5, None], "c": {"d": None}}
