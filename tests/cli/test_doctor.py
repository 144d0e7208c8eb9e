"""`forgetscope doctor`, as a person types it."""

import json
import shutil

import pytest

from tests.tiny import CHAT_TEMPLATE, save_tiny_llama


@pytest.fixture(scope="session")
def chat_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chat") / "chat"
    return save_tiny_llama(folder, window=512, chat_template=f"<think>{CHAT_TEMPLATE}")


@pytest.fixture
def offline_hub(monkeypatch):
    """No hub can be reached, and none is tried."""
    import huggingface_hub
    from huggingface_hub import constants

    asked = []

    def refuse(_self, name, **_options):
        asked.append(name)
        raise ConnectionError("no network in tests")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", refuse)
    return asked


def _findings(out):
    content = json.loads(out)
    assert content["schema"] == "forgetscope.doctor/1"
    return content, {(f["check"], f["subject"]): f for f in content["findings"]}


def test_a_plan_that_can_run_says_so_with_its_cost(call, run_folder, mirror, tmp_path):
    arguments = (run_folder / "base", run_folder / "run", "--tasks=arc_easy,gsm8k")
    code, out, err = call(
        "doctor", *arguments, f"--data-dir={mirror}", f"--out={tmp_path / 'study'}", "--limit=10"
    )
    assert code == 0
    assert "fail" not in out
    assert "all can run" in out
    assert "knowledge" in out
    assert "read from local files" in out
    assert "one checkpoint of 4" in err
    assert not (tmp_path / "study").exists()


def test_all_that_is_wrong_is_told_at_once(call, run_folder, tmp_path, offline_hub):
    code, out, _ = call(
        "doctor",
        run_folder / "bsae",
        run_folder / "base",
        "--tasks=arc_esay,humaneval,arc_easy,arc_challenge,mmmu_val_art,offline_sums",
        f"--data-dir={tmp_path}",
        "--json",
        "--chat-template",
    )
    assert code == 2
    content, found = _findings(out)
    assert "did you mean" in found["checkpoints", str(run_folder / "bsae")]["hint"]
    assert "arc_easy" in found["tasks", "arc_esay"]["hint"]
    assert "runs code" in found["code", "humaneval"]["what"]
    assert "images" in found["code", "mmmu_val_art"]["what"]
    assert "cannot be reached" in found["data", "arc_easy, arc_challenge"]["what"]
    assert found["data", "offline_sums"]["state"] == "ok"
    assert found["chat template", "base"]["state"] == "fail"
    refused = {"arc_esay", "humaneval", "arc_easy", "arc_challenge", "mmmu_val_art"}
    assert set(content["refused"]) == refused
    assert offline_hub == ["allenai/ai2_arc"], "a hub that cannot be reached is asked once"


def test_data_that_are_nowhere_exit_4(call, run_folder, tmp_path, offline_hub):
    code, out, _ = call("doctor", run_folder / "base", "--tasks=arc_easy", f"--out={tmp_path}")
    assert code == 4
    assert "1 problem, 0 warnings; without arc_easy" in out
    assert offline_hub


@pytest.mark.parametrize(
    ("gated", "files", "token", "code", "said"),
    [
        (False, ["data/test.parquet"], None, 0, "will be fetched, 3 MB"),
        ("auto", ["data/test.parquet"], None, 4, "no account that was let in"),
        ("auto", ["data/test.parquet"], "t", 0, "gated: the account here"),
        (False, ["arc.py", "README.md"], None, 4, "made by a script"),
    ],
)
def test_what_the_hub_says_of_data_decides(
    gated, files, token, code, said, call, run_folder, tmp_path, monkeypatch
):
    import huggingface_hub
    from huggingface_hub.hf_api import DatasetInfo

    info = DatasetInfo(
        id="allenai/ai2_arc",
        gated=gated,
        siblings=[{"rfilename": name, "size": 3_000_000 // len(files)} for name in files],
    )
    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", lambda *_, **__: info)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: token)
    found, out, _ = call("doctor", run_folder / "base", "--tasks=arc_easy", f"--out={tmp_path}")
    assert found == code
    assert said in out


def test_prompts_that_the_window_cuts_are_counted(call, tmp_path):
    small = save_tiny_llama(tmp_path / "small", window=64)
    tasks = "--tasks=offline_lookup_mc,offline_sums,offline_agreement"
    code, out, _ = call("doctor", small, tasks, "--limit=8", f"--out={tmp_path}", "--json")
    content, found = _findings(out)
    windows = [f for (check, _), f in found.items() if check == "window"]
    assert code == 2
    assert any("8 of 8 items of offline_lookup_mc lose" in f["what"] for f in content["findings"])
    assert any("no prompt fits beside that" in f["what"] for f in content["findings"])
    assert not any("offline_agreement" in f["what"] for f in windows)


def test_the_windows_verdict_is_that_of_the_engine(tmp_path):
    from forgetscope.api.checkup.checkpoints import Opened
    from forgetscope.api.checkup.cost import _excess
    from forgetscope.records import Request, RequestKind
    from forgetscope.scoring import open_tokenizer, resolve_series
    from forgetscope.scoring.spans import span_of_pair

    (checkpoint,) = resolve_series([str(save_tiny_llama(tmp_path / "m", window=64))])
    tokenizer = open_tokenizer(checkpoint)
    opened = Opened(checkpoint=checkpoint, tokenizer=tokenizer, max_length=64)
    for n in range(150, 260):
        context = ("Ü7 and the fox " * 40)[:n]
        request = Request(
            id="r",
            item_id="i",
            index=0,
            kind=RequestKind.LOGLIKELIHOOD,
            context=context,
            continuation=" dog",
        )
        span = span_of_pair(tokenizer.encode_pair(context, " dog"), max_length=64)
        assert _excess(request, opened) == span.n_truncated


def test_templates_and_tokens_are_compared_over_the_series(call, run_folder, chat_model, tmp_path):
    arguments = (chat_model, run_folder / "base", "--tasks=offline_sums", f"--out={tmp_path}")
    code, out, _ = call("doctor", *arguments, "--chat-template", "--json")
    content, found = _findings(out)
    assert code == 2
    assert found["chat template", "chat"]["state"] == "ok"
    assert found["chat template", "base"]["what"] == "has none"
    assert found["tokenizer", "all checkpoints"]["what"] == "the same for all"
    assert "a thought that is cut" in found["thinking", "chat"]["what"]
    assert content["checkpoints"] == 2
    code, out, _ = call("doctor", *arguments)
    assert code == 0
    assert "add `--chat-template`" in out


def test_broken_checkpoints_of_a_folder_are_each_told(call, run_folder, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run_folder / "run", folder)
    (folder / "checkpoint-5" / "model.safetensors").write_bytes(b"cut")
    (folder / "checkpoint-100" / "tokenizer.json").unlink()
    code, out, _ = call("doctor", folder, "--tasks=offline_sums", f"--out={tmp_path}", "--json")
    _, found = _findings(out)
    assert code == 4
    states = {
        subject.rpartition("/")[2]: finding["state"]
        for (check, subject), finding in found.items()
        if check == "checkpoints"
    }
    assert states == {"checkpoint-5": "fail", "checkpoint-10": "ok", "checkpoint-100": "fail"}


def test_an_existing_study_is_gone_on_with_or_refused(call, study, run_folder, mirror, tmp_path):
    code, out, _ = call("doctor", run_folder / "base", f"--out={study}", f"--data-dir={mirror}")
    assert code == 0
    assert "goes on where it was" in out
    suite = tmp_path / "other.toml"
    suite.write_text('[[task]]\nname = "arc_easy"\nshots = 3\n')
    arguments = (f"--suite={suite}", f"--out={study}", f"--data-dir={mirror}")
    code, out, _ = call("doctor", run_folder / "base", *arguments)
    assert code == 2
    assert "few-shot examples" in out


def test_weights_that_do_not_fit_are_told_before_they_are_loaded(
    call, run_folder, tmp_path, monkeypatch
):
    from forgetscope.scoring import machine

    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 100 kB\nMemAvailable: 20 kB\n")
    monkeypatch.setattr(machine, "_MEMINFO", meminfo)
    arguments = ("--tasks=offline_sums", f"--out={tmp_path}", "--json")
    code, out, _ = call("doctor", run_folder / "base", *arguments)
    _, found = _findings(out)
    assert code == 4
    assert found["memory", "base"]["state"] == "fail"


def test_a_check_that_breaks_is_a_warning_and_the_others_go_on(
    call, run_folder, tmp_path, monkeypatch
):
    import shutil as shutil_module

    def broken(_path):
        raise RuntimeError("odd file system")

    monkeypatch.setattr(shutil_module, "disk_usage", broken)
    arguments = ("--tasks=offline_sums", f"--out={tmp_path}", "--json")
    code, out, _ = call("doctor", run_folder / "base", *arguments)
    _, found = _findings(out)
    assert code == 0
    assert "could not be checked: RuntimeError" in found["disk", str(tmp_path)]["what"]
    assert found["data", "offline_sums"]["state"] == "ok"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "choose a suite"),
        (("--suite", "offlin"), "`offline`"),
        (("--tasks=offline_smus",), "offline_sums"),
        (("--suite=offline", "--dtype=float12"), "known: auto"),
        (("--suite=offline", "--engine=hff"), "hf"),
    ],
)
def test_a_wrong_call_exits_2_and_names_what_was_meant(arguments, said, call, tmp_path):
    code, out, err = call("doctor", *arguments, f"--out={tmp_path}", "--limit=2")
    assert code == 2
    assert said in out + err
    assert "Traceback" not in out + err


def test_no_weights_are_loaded(call, run_folder, tmp_path, monkeypatch):
    import transformers

    def refuse(*_arguments, **_options):
        raise AssertionError("weights were loaded")

    monkeypatch.setattr(transformers.PreTrainedModel, "from_pretrained", refuse)
    arguments = ("--tasks=offline_sums", f"--out={tmp_path}", "-qq")
    assert call("doctor", run_folder / "base", *arguments) == (0, "", "")


@pytest.mark.usefixtures("offline_hub")
def test_an_optional_task_that_cannot_run_is_a_warning_and_files_are_read(
    call, run_folder, tmp_path
):
    (tmp_path / "mine.jsonl").write_text(
        '{"question": "1+1=", "answer": "2", "choices": ["1", "2"]}\n' * 2
    )
    suite = tmp_path / "suite.toml"
    suite.write_text(
        '[[task]]\nname = "humaneval"\noptional = true\n'
        '[[task]]\nname = "arc_easy"\noptional = true\n'
        '[[task]]\nname = "offline_sums"\n[[task]]\nfile = "mine.jsonl"\ndomain = "math"\n'
    )
    arguments = (f"--suite={suite}", f"--out={tmp_path / 'study'}", "--json")
    code, out, _ = call("doctor", run_folder / "base", *arguments)
    content, found = _findings(out)
    assert code == 0
    assert content["refused"] == {}
    assert found["code", "humaneval"]["what"].startswith("left out: runs code")
    assert found["data", "arc_easy"]["state"] == "warn"
    assert found["data", "mine"]["what"] == "read from local files"
    assert {task["task"] for task in content["tasks"]} == {"offline_sums", "mine"}
