"""TRL's GRPO trainer with weighted objectives and supervised replay: the only door to TRL.

A thin variant: four methods of `GRPOTrainer` are overridden, and a test holds their
signatures against the TRL that is installed. Each but the last calls the original.

| method | what is added |
|---|---|
| `_calculate_rewards` | the rule observes the raw mean of every objective and sets the weights |
| `_generate_and_score_completions` | weights on advantages, for rules that act there |
| `compute_loss` | the weighted loss of a replay batch, once per optimiser step |
| `create_model_card` | nothing: no card is written |
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from trl import GRPOConfig, GRPOTrainer

from forgetscope.errors import EngineError
from forgetscope.recap.advantages import weighted_advantages
from forgetscope.recap.log import TrainingLog
from forgetscope.recap.replay import ReplayRows, Row, answer_losses, batches_of
from forgetscope.recap.rule import Rule
from forgetscope.records import Kind

__all__ = ["GRPOConfig", "RecapTrainer", "Watch"]

Foreign = Any
"""Something of TRL's, which is not typed."""


@dataclass(kw_only=True)
class Watch:
    """What the trainer learns and watches beside TRL's own."""

    objectives: Sequence[str]
    """The reward functions' names in their order."""
    rule: Rule | None = None
    """`None`: every weight is 1, and TRL's own path is left alone."""
    replay: ReplayRows | None = None
    coefficient: float = 0.0
    """Of the supervised loss beside that of the policy."""
    probe: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """Held-out rows by domain."""
    probe_every: int = 0
    """Steps between probes; 0: none."""
    is_probe_observed: bool = False
    """Whether the rule is told what the probes measure."""
    log: TrainingLog = field(default_factory=TrainingLog)

    def weights(self, objectives: Iterable[str]) -> list[float]:
        """Return the present weights of some objectives; 1 for one that the rule does not know."""
        known = {} if self.rule is None else self.rule.weights()
        return [known.get(objective, 1.0) for objective in objectives]

    def multiplier(self, domain: str) -> float:
        """Return what a budget multiplies a domain by; nan where the rule keeps none."""
        return math.nan if self.rule is None else self.rule.multipliers.get(domain, math.nan)

    def observe(self, objective: str, value: float, kind: Kind) -> None:
        """Tell the rule, unless there is none or nothing was measured."""
        if self.rule is not None and not math.isnan(value):
            self.rule.observe(objective, value, "reward" if kind is Kind.REWARD else "loss")


class RecapTrainer(GRPOTrainer):  # type: ignore[misc]  # trl is not typed
    """GRPO whose objectives carry weights, beside supervised replay."""

    def __init__(self, *arguments: Foreign, watch: Watch, **options: Foreign) -> None:
        super().__init__(*arguments, **options)
        self.watch = watch
        tokenizer = getattr(self.processing_class, "tokenizer", self.processing_class)
        self._pad = int(getattr(tokenizer, "pad_token_id", 0))
        self._rewards_BK: torch.Tensor | None = None

    def _calculate_rewards(
        self,
        inputs: Foreign,
        prompts: Foreign,
        completions: Foreign,
        completion_ids_list: Foreign,
    ) -> torch.Tensor:
        rewards_BK: torch.Tensor = super()._calculate_rewards(
            inputs, prompts, completions, completion_ids_list
        )
        if self.model.training:
            # gathered over all processes, so every one of them sets the same weights
            self._weigh(rewards_BK)
        self._rewards_BK = rewards_BK
        return rewards_BK

    def _weigh(self, rewards_BK: torch.Tensor) -> None:
        watch, step = self.watch, self.state.global_step + 1
        means_K = rewards_BK.nanmean(dim=0).tolist()
        for objective, mean in zip(watch.objectives, means_K, strict=True):
            watch.observe(objective, mean, Kind.REWARD)
        weights_K = watch.weights(watch.objectives)
        if watch.rule is not None and watch.rule.acts_on == "reward":
            self.reward_weights = torch.tensor(weights_K, dtype=torch.float32)
        for objective, mean, weight in zip(watch.objectives, means_K, weights_K, strict=True):
            watch.log.add(step, objective, Kind.REWARD, mean, weight)
            self._metrics["train"][f"weights/{objective}"].append(weight)

    def _generate_and_score_completions(self, inputs: Foreign) -> dict[str, Any]:
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        rule = self.watch.rule
        if rule is None or rule.acts_on != "advantage" or not self.model.training:
            return output
        assert self._rewards_BK is not None
        weights_K = torch.tensor(self.watch.weights(self.watch.objectives))
        advantages_B = weighted_advantages(
            self._rewards_BK, weights_K=weights_K, group_size=self.num_generations
        )
        first = self.accelerator.process_index * len(inputs)
        own_B = advantages_B[first : first + len(inputs)]
        output["advantages"] = own_B.to(output["advantages"])
        return output

    def compute_loss(
        self,
        model: Foreign,
        inputs: Foreign,
        return_outputs: bool = False,
        num_items_in_batch: Foreign = None,
    ) -> torch.Tensor:
        """Return TRL's loss, and on the first batch of a step the weighted replay loss with it."""
        loss: torch.Tensor = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        replay = self.watch.replay
        is_first = self._step % self.current_gradient_accumulation_steps == 0
        if replay is None or not is_first or not self.model.training:
            return loss
        return loss + self.watch.coefficient * self._replay_loss(model, replay)

    def _replay_loss(self, model: torch.nn.Module, replay: ReplayRows) -> torch.Tensor:
        """Return the weighted mean over domains of the loss per answer token, in nats."""
        watch, step = self.watch, self.state.global_step
        rows = replay.at(
            step,
            process=self.accelerator.process_index,
            n_processes=self.accelerator.num_processes,
        )
        sums = answer_losses(model, rows, pad=self._pad)
        losses = {domain: total / n for domain, (total, n) in sums.items()}
        means = self.accelerator.reduce(
            torch.stack([loss.detach() for loss in losses.values()]), reduction="mean"
        ).tolist()
        for domain, mean in zip(losses, means, strict=True):
            watch.observe(f"{domain}/replay", mean, Kind.LOSS)
        weights = watch.weights(f"{domain}/replay" for domain in losses)
        for domain, mean, weight in zip(losses, means, weights, strict=True):
            watch.log.add(step + 1, f"{domain}/replay", Kind.LOSS, mean, weight)
            self._metrics["train"][f"losses/{domain}/replay"].append(mean)
            self._metrics["train"][f"weights/{domain}/replay"].append(weight)
        weighted = [weight * loss for weight, loss in zip(weights, losses.values(), strict=True)]
        return torch.stack(weighted).mean()

    def probe(self) -> dict[str, float]:
        """Measure, note and return the loss of every domain's held-out rows, nats per token."""
        watch, step = self.watch, self.state.global_step
        found = {}
        was_training = self.model.training
        self.model.eval()
        try:
            for domain, rows in watch.probe.items():
                found[domain] = self._probe_loss(rows)
        finally:
            self.model.train(was_training)
        for domain, loss in found.items():
            if not math.isfinite(loss):
                raise EngineError(f"the retention probe of `{domain}` is {loss} at step {step}")
            if watch.is_probe_observed:
                watch.observe(f"{domain}/probe", loss, Kind.PROBE)
            watch.log.add(step, f"{domain}/probe", Kind.PROBE, loss, watch.multiplier(domain))
            self._metrics["train"][f"probes/{domain}"].append(loss)
            self._metrics["train"][f"multipliers/{domain}"].append(watch.multiplier(domain))
        return found

    def _probe_loss(self, rows: Sequence[Row]) -> float:
        total, n_tokens = 0.0, 0
        size = self.args.per_device_train_batch_size
        # every process measures all rows: the same value everywhere, and nothing to gather
        with torch.no_grad(), self.compute_loss_context_manager():
            for batch in batches_of(rows, size=size):
                for loss, n in answer_losses(self.model, batch, pad=self._pad).values():
                    total, n_tokens = total + loss.item(), n_tokens + n
        return total / n_tokens

    def create_model_card(self, *_: Foreign, **__: Foreign) -> None:
        """Write none: TRL's names a plain run of GRPO, and the recipe lies in the same folder."""
