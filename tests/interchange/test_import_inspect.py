"""Logs of inspect_ai in: through its own reader where it is installed, else a clear word."""

import sys
from types import SimpleNamespace

import pytest

from forgetscope.api import Study, import_logs
from forgetscope.errors import LogError, PairingError, UnavailableError
from forgetscope.interchange.logs import inspect_door
from forgetscope.store import Study as StoredStudy


class Header(dict):
    """What inspect_ai 0.3.285 says of a run; its reader returns records with these fields."""

    def __init__(self, *, model="hf/base", status="success", epochs=1, **others):
        known = {
            "task": "inspect_evals/riddles",
            "task_version": 2,
            "task_args": {},
            "model": model,
            "created": "2026-05-01T10:00:00+00:00",
            "packages": {"inspect_ai": "0.3.285"},
            "config": {"epochs": epochs},
            "scorers": [{"name": "match"}, {"name": "exact"}],
            "model_generate_config": {"temperature": None, "max_tokens": 64},
        }
        super().__init__(known | others)
        self.eval, self.status = dict(self), status
        self.plan = {"steps": [{"solver": "generate", "params": {}}], "config": {}}


def sample(number, *, is_right, epoch=1, error=None, prompt="Riddle {}"):
    text = str(number if is_right else number + 1)
    return {
        "id": number,
        "epoch": epoch,
        "input": prompt.format(number),
        "target": str(number),
        "choices": ["a", "b", "c", "d"],
        "messages": [
            {"id": f"drawn-{epoch}", "role": "user", "content": prompt.format(number)},
            {"id": "other", "role": "assistant", "source": "generate", "content": text},
        ],
        "output": {
            "completion": text,
            "choices": [{"stop_reason": "stop"}],
            "usage": {"output_tokens": 3},
        },
        "scores": {
            "match": {"value": "C" if is_right else "I", "answer": text},
            "exact": {"value": 1 if is_right else 0},
        },
        "error": None if error is None else {"message": error},
    }


@pytest.fixture
def reader(monkeypatch):
    """What a reader would return for each path; ten lines in place of inspect_ai."""
    logs = {}
    monkeypatch.setattr(inspect_door, "read_header", lambda path: logs[path.name][0])
    monkeypatch.setattr(inspect_door, "read_samples", lambda path: iter(logs[path.name][1]))
    return logs


def _put(reader, folder, name, samples, **header):
    reader[name] = (Header(**header), samples)
    path = folder / name
    path.write_bytes(name.encode())  # its content is nobody's business but the reader's
    return path


def test_scores_of_letters_and_numbers_are_read_and_compared(reader, tmp_path):
    for name, right in (("base.eval", 30), ("after.eval", 12)):
        samples = [sample(number, is_right=number < right) for number in range(32)]
        _put(reader, tmp_path, name, samples, model=f"hf/{name[:-5]}")
    logs = [str(tmp_path / name) for name in ("base.eval", "after.eval")]
    import_logs(logs, tmp_path / "study")
    with StoredStudy(tmp_path / "study") as study:
        (column,) = study.profile("base").columns
        assert column.task.name == "riddles"
        assert (column.task.metric, column.task.version) == ("match", "2")
        assert column.value_I.sum() == 30
        assert column.chance_I == pytest.approx(0.25)
        (score, *_) = study.answers_of("base").scores(column.item_ids).values()
        assert score.others == {"exact,none": 1.0}
    with Study(tmp_path / "study") as study:
        assert study.compare("base", "after").tasks[0].lost == 18


def test_an_epoch_is_a_further_sample_of_the_same_item(reader, tmp_path):
    samples = [
        sample(number, is_right=epoch == 1, epoch=epoch) for number in range(12) for epoch in (1, 2)
    ]
    path = _put(reader, tmp_path, "base.eval", samples, epochs=2)
    import_logs([str(path)], tmp_path / "study")
    with StoredStudy(tmp_path / "study") as study:
        (column,) = study.profile("base").columns
    assert column.value_I == pytest.approx(0.5)
    assert column.evidence.sample_IK.shape == (12, 2)


def test_a_sample_that_failed_counts_as_wrong_and_keeps_its_error(reader, tmp_path):
    samples = [sample(number, is_right=True) for number in range(11)]
    samples.append(sample(11, is_right=True, error="timed out"))
    path = _put(reader, tmp_path, "base.eval", samples)
    import_logs([str(path)], tmp_path / "study")
    with StoredStudy(tmp_path / "study") as study:
        (column,) = study.profile("base").columns
        scores = study.answers_of("base").scores(column.item_ids)
    assert column.value_I.sum() == 11
    assert [score.error for score in scores.values() if score.error] == ["timed out"]


def test_a_run_that_did_not_end_is_refused(reader, tmp_path):
    path = _put(reader, tmp_path, "base.eval", [], status="error")
    with pytest.raises(LogError, match="did not come to its end"):
        import_logs([str(path)], tmp_path / "study")


def test_another_solver_is_refused(reader, tmp_path):
    samples = [sample(number, is_right=True) for number in range(12)]
    base = _put(reader, tmp_path, "base.eval", samples)
    import_logs([str(base)], tmp_path / "study")
    other = _put(reader, tmp_path, "other.eval", samples, model="hf/other")
    reader["other.eval"][0].plan["steps"][0]["solver"] = "chain_of_thought"
    with pytest.raises(PairingError, match="other solver"):
        import_logs([str(other)], tmp_path / "study")


def test_without_inspect_ai_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "inspect_ai", None)
    monkeypatch.setitem(sys.modules, "inspect_ai.log", None)
    path = tmp_path / "base.eval"
    path.write_bytes(b"PK")
    with pytest.raises(UnavailableError, match="only inspect_ai itself can read") as caught:
        import_logs([str(path)], tmp_path / "study")
    assert "pip install" in (caught.value.hint or "")
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("ids", [None, list(range(12))])
def test_a_log_that_inspect_ai_itself_wrote_is_read(ids, tmp_path):
    pytest.importorskip("inspect_ai", reason="the extra `inspect` is not installed here")
    from inspect_ai.log import (
        EvalConfig,
        EvalDataset,
        EvalLog,
        EvalSample,
        EvalSpec,
        EvalStats,
        write_eval_log,
    )
    from inspect_ai.model import ModelOutput
    from inspect_ai.scorer import Score

    spec = EvalSpec(
        created="2026-05-01T10:00:00+00:00",
        task="riddles",
        dataset=EvalDataset(samples=12, sample_ids=ids),
        model="hf/base",
        config=EvalConfig(),
        scorers=[SimpleNamespace(name="match").__dict__],
    )
    samples = [
        EvalSample(
            id=number,
            epoch=1,
            input=f"Riddle {number}",
            target=str(number),
            output=ModelOutput.from_content("hf/base", str(number)),
            scores={"match": Score(value="C" if number % 2 else "I", answer=str(number))},
        )
        for number in range(12)
    ]
    log = EvalLog(status="success", eval=spec, samples=samples, stats=EvalStats())
    write_eval_log(log, str(tmp_path / "base.eval"))
    found = import_logs([str(tmp_path / "base.eval")], tmp_path / "study")
    assert found.items == 12
    with StoredStudy(tmp_path / "study") as study:
        assert study.profile("base").columns[0].value_I.sum() == 6
