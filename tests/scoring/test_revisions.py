"""Patterns over the revisions of a model, against a hub that answers over HTTP."""

from __future__ import annotations

import pytest

from forgetscope.errors import CheckpointError
from forgetscope.records import CheckpointKind
from forgetscope.scoring import resolve_series
from forgetscope.scoring.hub import HubSource, parse_hub_source
from tests.fake_hub import FakeHub, commit_of, serving


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub with a model of five revisions, and no other one in reach."""
    from huggingface_hub import constants

    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "model.safetensors").touch()
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").touch()
    found = FakeHub(
        branches={
            "org/model": dict.fromkeys(("main", "step1000", "step20", "step3-tokens9B"), folder),
            "org/lora": {"main": adapter},
        },
        tags={"org/model": dict.fromkeys(("v1.0", "step1000"), folder)},
    )
    with serving(found) as served:
        monkeypatch.setattr(constants, "ENDPOINT", served.url)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.chdir(tmp_path)
        yield served


@pytest.mark.usefixtures("hub")
def test_a_pattern_expands_to_branches_and_tags_in_step_order():
    series = resolve_series(["org/model@step*"])
    assert [c.label for c in series] == [
        "model@step3-tokens9B",
        "model@step20",
        "model@step1000",
    ]
    assert [c.step for c in series] == [3, 20, 1000]
    assert {(c.kind, c.source) for c in series} == {(CheckpointKind.HUB, "org/model")}
    assert series[1].revision == series[1].fingerprint == commit_of("org/model", "step20")


@pytest.mark.usefixtures("hub")
def test_names_without_a_step_come_last_and_a_label_stands_before_each():
    series = resolve_series(["run=org/model@*"])
    assert [c.label for c in series] == [
        "run/step3-tokens9B",
        "run/step20",
        "run/step1000",
        "run/main",
        "run/v1.0",
    ]
    assert [c.label for c in resolve_series(["org/model@v?.0"])] == ["model@v1.0"]


def test_a_single_revision_asks_for_no_list(hub):
    (checkpoint,) = resolve_series(["org/model@step20"])
    assert checkpoint.step == 20
    assert hub.asked == ["api/models/org/model/revision/step20"]


@pytest.mark.usefixtures("hub")
def test_a_pattern_that_nothing_matches_is_one_error_with_near_names():
    with pytest.raises(CheckpointError, match=r"no revision of `org/model` matches") as caught:
        resolve_series(["org/model@setp*"])
    assert "it has 5, e.g. `step" in (caught.value.hint or "")
    assert caught.value.exit_code == 4


@pytest.mark.usefixtures("hub")
def test_a_pattern_over_a_model_that_the_hub_does_not_know_is_one_error():
    with pytest.raises(CheckpointError, match="knows no model `org/modle`"):
        resolve_series(["org/modle@step*"])


@pytest.mark.usefixtures("hub")
def test_an_adapter_on_the_hub_is_refused_with_how_to_get_it():
    with pytest.raises(CheckpointError, match="holds only an adapter") as caught:
        resolve_series(["org/lora"])
    assert "hf download org/lora" in (caught.value.hint or "")


def test_without_the_hub_a_pattern_is_one_error(monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError, match="cannot be reached for the revisions") as caught:
        resolve_series(["org/model@step*"])
    assert "single revisions" in (caught.value.hint or "")


def test_a_pattern_is_told_from_a_revision():
    assert parse_hub_source("org/model@step*") == HubSource(
        repository="org/model", revision="step*"
    )
    assert HubSource(repository="org/model", revision="step?").is_pattern
    assert not HubSource(repository="org/model", revision="step1").is_pattern


def test_an_adapter_s_base_on_the_hub_is_pinned_to_its_commit(hub, tmp_path, llama):
    from tests.tiny_adapters import save_tiny_adapter

    folder = tmp_path / "lora"
    save_tiny_adapter(llama, folder, names="org/model")
    (checkpoint,) = resolve_series([str(folder)])
    assert checkpoint.revision == commit_of("org/model", "main")
    hub.branches.clear()
    with pytest.raises(CheckpointError, match="the base of the adapter"):
        resolve_series([str(folder)])
