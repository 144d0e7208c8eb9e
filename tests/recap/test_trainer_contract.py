"""What our trainer takes for granted of TRL's, held against the TRL that is installed."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import pytest
import torch
from trl import GRPOConfig, GRPOTrainer

from forgetscope.recap.build import build_trainer
from forgetscope.recap.settings import OURS
from forgetscope.recap.state import RunFolder
from forgetscope.recap.trainer import RecapTrainer
from tests.recap.small_run import IMITATED, REWARDED, RUN, TARGET, LeaningRule, recipe


@pytest.fixture
def trainer(base: Path, tmp_path: Path) -> RecapTrainer:
    built, _ = build_trainer(
        str(base),
        RunFolder(tmp_path / "run", asked=""),
        recipe=recipe("replay"),
        materials=[TARGET, REWARDED, IMITATED],
        n_targets=1,
    )
    built.model.train()
    return built


def _batch(trainer: RecapTrainer) -> list[dict[str, object]]:
    """Return what the data loader gives for one step: every prompt, once per completion."""
    return next(iter(trainer.get_train_dataloader()))


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        (
            "_calculate_rewards",
            ["self", "inputs", "prompts", "completions", "completion_ids_list"],
        ),
        ("_generate_and_score_completions", ["self", "inputs"]),
        ("compute_loss", ["self", "model", "inputs", "return_outputs", "num_items_in_batch"]),
    ],
)
def test_an_overridden_method_has_the_parameters_that_we_pass_on(
    method: str, parameters: list[str]
):
    theirs = inspect.signature(inspect.unwrap(getattr(GRPOTrainer, method)))
    assert list(theirs.parameters) == parameters
    assert list(inspect.signature(getattr(RecapTrainer, method)).parameters) == parameters


def test_a_card_is_made_by_the_method_that_we_silence():
    source = inspect.getsource(GRPOTrainer._save_checkpoint)
    assert "self.create_model_card(" in source


def test_every_setting_that_the_recipe_decides_is_a_field_of_trl():
    fields = {field.name for field in dataclasses.fields(GRPOConfig) if field.init}
    assert set(OURS) <= fields


def test_rewards_come_as_completions_by_functions_and_nan_outside_their_domain(
    trainer: RecapTrainer,
):
    inputs = _batch(trainer)
    n = len(inputs)
    completions = ["7" * (1 + i % 3) for i in range(n)]
    prompts = [row["prompt"] for row in inputs]
    rewards_BK = GRPOTrainer._calculate_rewards(trainer, inputs, prompts, completions, [[1]] * n)
    assert trainer.watch.objectives == ("math/digit", "math/length", "language/letter")
    assert rewards_BK.shape == (n, 3)
    is_math = torch.tensor([row["material"] == 0 for row in inputs])
    assert torch.equal(rewards_BK[:, :2].isnan().any(dim=1), ~is_math)
    assert torch.equal(rewards_BK[:, 2].isnan(), is_math)
    assert rewards_BK[is_math, 0].tolist() == [1.0] * int(is_math.sum())


def test_groups_stand_together_in_what_is_rewarded(trainer: RecapTrainer):
    lessons = [(row["material"], row["lesson"]) for row in _batch(trainer)]
    groups = [lessons[i : i + RUN.group_size] for i in range(0, len(lessons), RUN.group_size)]
    assert [len(set(group)) for group in groups] == [1, 1, 1]
    assert [group[0][0] for group in groups] == [0, 0, 1]


def test_reward_weights_that_are_set_while_rewards_are_computed_act_in_the_same_step(
    trainer: RecapTrainer,
):
    class Deaf(LeaningRule):
        """Weighs the first reward of the target alone."""

        def weights(self) -> dict[str, float]:
            return {"math/digit": 0.0, "math/length": 0.0, "language/letter": 3.0}

    inputs = _batch(trainer)
    trainer.watch.rule = Deaf()
    torch.manual_seed(0)
    output = trainer._generate_and_score_completions(inputs)
    assert trainer.reward_weights.tolist() == [0.0, 0.0, 3.0]
    is_math = torch.tensor([row["material"] == 0 for row in inputs])
    assert output["advantages"][is_math].tolist() == [0.0] * int(is_math.sum())


def test_advantages_are_one_number_per_completion_in_the_order_of_the_inputs(
    trainer: RecapTrainer,
):
    inputs = _batch(trainer)
    torch.manual_seed(0)
    output = trainer._generate_and_score_completions(inputs)
    rewards_BK = trainer._rewards_BK
    assert output["advantages"].shape == (len(inputs),)
    summed_NG = rewards_BK.nansum(dim=1).view(-1, RUN.group_size)
    expected_NG = (summed_NG - summed_NG.mean(1, keepdim=True)) / (
        summed_NG.std(1, keepdim=True) + 1e-4
    )
    torch.testing.assert_close(output["advantages"], expected_NG.flatten())


def test_weights_on_advantages_replace_trls_own(trainer: RecapTrainer):
    inputs = _batch(trainer)
    trainer.watch.rule = LeaningRule(acts_on="advantage")
    torch.manual_seed(0)
    output = trainer._generate_and_score_completions(inputs)
    assert trainer.reward_weights.tolist() == [1.0, 1.0, 1.0], "rewards are left alone"
    weights = trainer.watch.weights(trainer.watch.objectives)
    assert len(set(weights)) > 1
    rewards_BK = trainer._rewards_BK
    groups_NGK = rewards_BK.view(-1, RUN.group_size, 3)
    own_BK = (groups_NGK - groups_NGK.mean(1, keepdim=True)) / (
        groups_NGK.std(1, keepdim=True) + 1e-4
    )
    own_BK = own_BK.view_as(rewards_BK).nan_to_num(0.0)
    expected_B = (own_BK @ torch.tensor(weights)) / (own_BK.sum(dim=1).std() + 1e-4)
    torch.testing.assert_close(output["advantages"], expected_B)


def test_metrics_are_lists_by_mode_and_name_that_trl_logs_and_clears(trainer: RecapTrainer):
    trainer._metrics["train"]["weights/math/digit"].extend([1.0, 3.0, float("nan")])
    told: dict[str, float] = {}
    trainer.log(told)
    assert told["weights/math/digit"] == 2.0
    assert not trainer._metrics["train"]


def test_the_counters_by_which_a_step_is_recognised_are_trls(base: Path, tmp_path: Path):
    seen = []

    class Spy(RecapTrainer):
        def training_step(self, *arguments: object) -> object:
            before = (self._step, self.current_gradient_accumulation_steps)
            seen.append((*before, self.state.global_step))
            return super().training_step(*arguments)

    built, _ = build_trainer(
        str(base),
        RunFolder(tmp_path / "run", asked=""),
        recipe=recipe("grpo", trainer={"gradient_accumulation_steps": 2}),
        materials=[TARGET],
        n_targets=1,
    )
    built.__class__ = Spy
    built.train()
    # (forward passes so far, of them per step, steps so far)
    assert seen == [(0, 2, 0), (1, 2, 0), (2, 2, 1), (3, 2, 1)]


def test_a_loss_of_ours_is_not_divided_by_the_parts_of_a_step():
    # TRL divides its own loss; what `compute_loss` returns is then taken as it is
    assert GRPOTrainer.loss_is_scaled_for_ga is True


def test_the_switch_of_telemetry_is_read_when_it_would_be_sent():
    from huggingface_hub import constants
    from huggingface_hub.utils import send_telemetry

    assert isinstance(constants.HF_HUB_DISABLE_TELEMETRY, bool)
    assert "constants.HF_HUB_DISABLE_TELEMETRY" in inspect.getsource(send_telemetry)
