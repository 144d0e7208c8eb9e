"""What leaves a run beside its folder: to trackers that are asked for, and to nobody else."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import _telemetry

from forgetscope import recap
from forgetscope.errors import TrainingError, UnknownNameError
from forgetscope.recap import Recipe
from forgetscope.recap.settings import grpo_config
from tests.recap.small_run import IMITATED, RUN, TARGET, recipe


def _scalars(file: Path) -> dict[str, dict[int, float]]:
    """Return the values in a TensorBoard file by their tag and step."""
    event_pb2 = pytest.importorskip("tensorboardX.proto.event_pb2")
    found: dict[str, dict[int, float]] = {}
    for record in _records(file.read_bytes()):
        event = event_pb2.Event.FromString(record)
        for value in event.summary.value:
            found.setdefault(value.tag, {})[event.step] = value.simple_value
    return found


def _records(content: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        yield content[place + 12 : place + 12 + length]
        place += 12 + length + 4


def test_tensorboard_hears_of_rewards_losses_weights_and_probes_at_every_step(
    base: Path, tmp_path: Path
):
    pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")
    made = recipe(
        "recap", rule={"name": "budget", "budget": 0.0}, trainer={"report_to": "tensorboard"}
    )
    trained = recap.train(
        base, tmp_path / "run", recipe=made, reasoning=[TARGET], replay=[IMITATED]
    )
    (file,) = (tmp_path / "run" / "runs").rglob("events*")
    scalars = _scalars(file)
    traces = {trace.objective: trace for trace in trained.training.traces}
    for objective, tag in (
        ("math/digit", "train/weights/math/digit"),
        ("knowledge/replay", "train/weights/knowledge/replay"),
    ):
        weights = dict(zip((1, 2), traces[objective].weights, strict=True))
        assert scalars[tag] == pytest.approx(weights)
    losses = dict(zip((1, 2), traces["knowledge/replay"].values, strict=True))
    assert scalars["train/losses/knowledge/replay"] == pytest.approx(losses)
    for tag in ("probes/knowledge", "multipliers/knowledge", "rewards/math/digit/mean"):
        assert set(scalars[f"train/{tag}"]) == {1, 2}


def _config(tmp_path: Path, asked: object) -> object:
    return grpo_config(
        Recipe(run=RUN, trainer={"report_to": asked}), tmp_path, n_prompts=RUN.n_prompts
    )


def test_a_misspelt_tracker_is_told_with_the_nearest(tmp_path: Path):
    with pytest.raises(UnknownNameError) as caught:
        _config(tmp_path, "tensorbord")
    assert "tensorboard" in (caught.value.hint or "")


def test_a_tracker_that_is_not_installed_is_told_before_training(tmp_path: Path):
    from transformers.integrations import get_available_reporting_integrations

    if "wandb" in get_available_reporting_integrations():
        pytest.skip("wandb is installed here")
    with pytest.raises(TrainingError, match="wandb") as caught:
        _config(tmp_path, ["none", "wandb"])
    assert caught.value.hint == "pip install wandb"


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what would be sent to the hub, which is as ready to send as on a person's machine."""
    sent: list[str] = []
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("HF_HUB_DISABLE_TELEMETRY", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(_telemetry, "_start_telemetry_thread", lambda: sent.append("a thread"))

    class Queue:
        def put(self, ping: dict[str, object]) -> None:
            sent.append(str(ping["topic"]))

    monkeypatch.setattr(_telemetry, "_TELEMETRY_QUEUE", Queue())
    return sent


def test_a_run_tells_the_hub_nothing_and_gives_the_switch_back(
    base: Path, tmp_path: Path, pings: list[str]
):
    recap.train(base, tmp_path / "run", recipe=recipe(), reasoning=[TARGET])
    assert pings == []
    assert constants.HF_HUB_DISABLE_TELEMETRY is False


def test_whoever_switches_telemetry_on_is_obeyed(
    base: Path, tmp_path: Path, pings: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "0")
    recap.train(base, tmp_path / "run", recipe=recipe(), reasoning=[TARGET])
    assert pings[0] == "a thread", "so the test above would hear of a ping"
