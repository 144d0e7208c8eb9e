"""Settings from outside the call: which one wins, and what is refused."""

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _margin(out):
    return {
        line.rsplit("margin ", 1)[1].split()[0] for line in out.splitlines() if "margin " in line
    }


def test_an_option_goes_before_the_environment_and_that_before_a_file(
    study, call, folder, monkeypatch
):
    assert _margin(call("gate", study)[1]) == {"2.0"}
    (folder / "forgetscope.toml").write_text('margin = "3pp"\n')
    assert _margin(call("gate", study)[1]) == {"3.0"}
    (folder / "forgetscope.toml").write_text('margin = "3pp"\n[gate]\nmargin = 0.04\n')
    assert _margin(call("gate", study)[1]) == {"4.0"}
    monkeypatch.setenv("FORGETSCOPE_MARGIN", "5pp")
    assert _margin(call("gate", study)[1]) == {"5.0"}
    monkeypatch.setenv("FORGETSCOPE_GATE_MARGIN", "6pp")
    assert _margin(call("gate", study)[1]) == {"6.0"}
    assert _margin(call("gate", study, "--margin", "7pp")[1]) == {"7.0"}


def test_the_first_file_wins_and_none_are_merged(study, call, folder):
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[tool.forgetscope]\nmargin = "3pp"\n'
        '[tool.forgetscope.gate]\ndomains = ["reading"]\n'
    )
    _, out, _ = call("gate", study)
    assert _margin(out) <= {"3.0"}
    assert len(out.splitlines()) == 2
    (folder / "forgetscope.toml").write_text('margin = "4pp"\n')
    _, out, _ = call("gate", study)
    assert _margin(out) == {"4.0"}
    assert len(out.splitlines()) == 5


def test_a_setting_of_another_command_changes_nothing(study, call, folder):
    before = call("gate", study)
    (folder / "forgetscope.toml").write_text('[diff]\nmargin = "3pp"\n')
    assert call("gate", study) == before


def test_a_flag_is_true_or_false(study, call, folder):
    (folder / "forgetscope.toml").write_text("json = true\n")
    assert call("gate", study)[1].startswith("{")
    (folder / "forgetscope.toml").write_text("json = false\n")
    assert call("gate", study)[1].startswith("gate ")


@pytest.mark.parametrize("name", ["forgetscope.toml", "pyproject.toml"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'margin = "2pp"\n\nmargn = 3\n',
            ["unknown key `margn`", "line {3}", "did you mean `margin`"],
        ),
        ("data_dri = 3\n", ["unknown key `data_dri`", "line {1}", "did you mean `data-dir`"]),
        ('[gaet]\nmargin = "2pp"\n', ["unknown command `gaet`", "line {1}", "did you mean `gate`"]),
        ('[gate]\n# margn\nmargn = "2pp"\n', ["unknown key `margn`", "line {3}"]),
        ('[diff]\nrequire = "held"\n', ["unknown key `require`", "line {2}"]),
        ("json = 1\n", ["`json`", "line {1}", "true or false"]),
        ("margin = true\n", ["`margin`", "line {1}", "a text or a number"]),
        ('[gate]\nrequire = "hold"\n', ["`--require`", "line {2}", "did you mean `held`"]),
        ('out = "x"\n', ["`out`", "line {1}", "report]"]),
        ("help = true\n", ["unknown key `help`"]),
        ("margin = \n", ["is no TOML"]),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_key_and_line(
    name, text, said, study, call, folder
):
    first = 0
    if name == "pyproject.toml":
        lines = ["[project]", 'name = "x"', "[tool.forgetscope]"]
        text = text.replace("[gate]", "[tool.forgetscope.gate]")
        text = text.replace("[gaet]", "[tool.forgetscope.gaet]")
        text = text.replace("[diff]", "[tool.forgetscope.diff]")
        text, first = "\n".join([*lines, text]), len(lines)
    (folder / name).write_text(text)
    code, out, err = call("gate", study)
    assert (code, out) == (2, "")
    for words in said:
        if "{" in words:
            words = f"line {first + int(words.split('{')[1][0])}"
        assert words in err
    assert name in err


def test_a_pyproject_without_our_table_may_say_anything(study, call, folder):
    before = call("gate", study)
    for content in (b"[tool.black\nnot toml", b"\xff\xfe"):
        (folder / "pyproject.toml").write_bytes(content)
        assert call("gate", study) == before


def test_help_is_given_whatever_a_file_says(call, folder):
    (folder / "forgetscope.toml").write_text("nonsense")
    assert call("gate", "--help")[0] == 0
    assert call("gate", "x")[0] == 2


def test_a_variable_that_nothing_reads_is_named_with_what_was_meant(study, call, monkeypatch):
    monkeypatch.setenv("FORGETSCOPE_MARGN", "3pp")
    code, out, err = call("gate", study)
    assert "`FORGETSCOPE_MARGN` is read by nothing; did you mean `FORGETSCOPE_MARGIN`?" in err
    assert _margin(out) == {"2.0"}
    assert code in {0, 1}


def test_variables_that_are_read_elsewhere_are_left_in_peace(study, call, monkeypatch):
    monkeypatch.setenv("FORGETSCOPE_MIRROR", "/data")
    assert "read by nothing" not in call("gate", study)[2]


def test_verbose_says_where_each_setting_comes_from(study, call, folder, monkeypatch):
    (folder / "forgetscope.toml").write_text('[gate]\n\nrequire = "held"\n')
    monkeypatch.setenv("FORGETSCOPE_MARGIN", "3pp")
    err = call("gate", study, "-v", "--domains", "reading")[2]
    assert "--margin = 3pp (from FORGETSCOPE_MARGIN)" in err
    assert "--require = held (from forgetscope.toml, line 3)" in err
    assert "--domains = reading (from the call)" in err
    assert "--policy" not in err


def test_a_format_for_all_commands_serves_those_that_have_it(study, call, monkeypatch):
    monkeypatch.setenv("FORGETSCOPE_FORMAT", "junit")
    assert call("gate", study)[1].startswith("<?xml")
    code, out, _ = call("power", study)
    assert code == 0
    assert out.lstrip().startswith("items")
    assert call("power", study, "--format", "junit")[0] == 2
