from forgetscope.scoring import resolve_series
from tests.tiny import save_tiny_llama


def test_a_source_stays_as_the_person_wrote_it(tmp_path, monkeypatch):
    save_tiny_llama(tmp_path / "runs" / "base")
    monkeypatch.chdir(tmp_path)
    (checkpoint,) = resolve_series(["runs/base"])
    assert checkpoint.source == "runs/base"
