"""Hub names become commits; the hub itself is replaced by what it would say."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

from forgetscope.errors import CheckpointError
from forgetscope.records import CheckpointKind
from forgetscope.scoring import resolve_series
from forgetscope.scoring.hub import HubSource, parse_hub_source

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """What the hub holds, as file names; names and revisions it was asked for."""
    state = SimpleNamespace(files=["config.json", "model.safetensors"], asked=[], error=None)

    def model_info(_, repository, *, revision, timeout):
        assert timeout < 60
        state.asked.append((repository, revision))
        if state.error is not None:
            raise state.error
        siblings = [SimpleNamespace(rfilename=name) for name in state.files]
        return SimpleNamespace(sha=COMMIT, siblings=siblings)

    monkeypatch.setattr(HfApi, "model_info", model_info)
    monkeypatch.chdir(tmp_path)
    return state


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("org/model", HubSource(repository="org/model")),
        ("org/my-model.v1@main", HubSource(repository="org/my-model.v1", revision="main")),
        ("org/model@refs/pr/1", HubSource(repository="org/model", revision="refs/pr/1")),
        ("model", None),
        ("/org/model", None),
        ("../model", None),
        ("~/model", None),
        ("a/b/c", None),
    ],
)
def test_only_two_part_names_are_hub_names(text, source):
    assert parse_hub_source(text) == source


def test_a_revision_is_pinned_to_its_commit(hub):
    (checkpoint,) = resolve_series(["org/model@step-500"])
    assert hub.asked == [("org/model", "step-500")]
    assert checkpoint.kind is CheckpointKind.HUB
    assert checkpoint.source == "org/model"
    assert checkpoint.revision == checkpoint.fingerprint == COMMIT
    assert (checkpoint.label, checkpoint.step) == ("model@step-500", 500)


@pytest.mark.usefixtures("hub")
def test_equal_names_of_two_organisations_are_told_apart():
    series = resolve_series(["one/model", "two/model", "mine=two/model"])
    assert [c.label for c in series] == ["one/model", "two/model", "mine"]


@pytest.mark.parametrize(
    ("files", "word"),
    [
        (["config.json", "pytorch_model.bin"], "pickle"),
        (["adapter_config.json", "adapter_model.safetensors"], "adapter"),
        (["README.md"], "no safetensors"),
    ],
)
def test_unusable_repositories_are_refused_before_any_download(hub, files, word):
    hub.files = files
    with pytest.raises(CheckpointError, match=word):
        resolve_series(["org/model"])


@pytest.mark.parametrize(
    ("kind", "message"),
    [(RevisionNotFoundError, "has no revision `v9`"), (RepositoryNotFoundError, "knows no model")],
)
def test_what_the_hub_does_not_know_is_said(hub, kind, message):
    response = SimpleNamespace(headers={}, request=None, status_code=404)
    hub.error = kind("not found", response=response)
    with pytest.raises(CheckpointError, match=message):
        resolve_series(["org/model@v9"])


def test_a_hub_that_does_not_answer_is_one_error_with_a_hint(monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError, match="cannot be reached for `org/model`") as caught:
        resolve_series(["org/model@main"])
    assert caught.value.exit_code == 4
    assert "no folder of that name" in (caught.value.hint or "")
