"""What is said of chats on the command line, and what is wrong with it."""

import pytest


@pytest.mark.parametrize(
    ("options", "said", "hint"),
    [
        (["--thinking", "on"], "`--thinking` speaks to a chat template", "--chat-template"),
        (["--thinking", "perhaps"], "neither on nor off", "--thinking on"),
        (["--system", "Be brief"], "`--system` speaks to a chat template", "--chat-template"),
        (["--system", "@no-such-file"], "cannot read the file of `--system @no-such-file`", ""),
        (["--think-tags", "<t>", "--thinking", "on"], "has no closing tag", "name both"),
        (["--think-tags", "", "</t>"], "must not be empty", ""),
        (["--top-p", "2"], "`top_p` of task `gsm8k` is 2.0", ""),
        (["--temperature", "-1"], "`temperature` of task `gsm8k` is -1.0", ""),
        (["--chat-template"], "has no chat template", "without `--chat-template`"),
    ],
)
def test_what_makes_no_sense_is_one_error_with_a_way_out(
    call, run_folder, mirror, tmp_path, options, said, hint
):
    base = run_folder / "base"
    asked = ("--tasks", "gsm8k", "--data-dir", mirror, "--out", tmp_path / "s")
    code, _, err = call("eval", base, *asked, *options)
    assert code == 2
    assert said in err
    assert hint in err
    assert "Traceback" not in err


def test_answers_are_written_as_the_command_line_says(call, run_folder, mirror, tmp_path):
    asked = ("--tasks", "gsm8k", "--data-dir", mirror, "--limit", "12", "--out", tmp_path / "s")
    written = ("--max-new-tokens", "3", "--temperature", "1", "--top-p", "0.9", "--repeats", "4")
    for source in ("base", "run/checkpoint-5"):
        code, _, err = call("eval", run_folder / source, *asked, *written)
        assert code == 0
        assert f"{4 * 12} answers computed" in err
    code, _, err = call("report", tmp_path / "s", "--out", tmp_path / "r")
    assert code == 0
    page = (tmp_path / "r" / "report.html").read_text()
    assert "How answers were delivered" in page
    assert "Right in at least one of k samples" in page
