"""Worlds with a known truth. R replications, T checkpoints, D domains, I items, G clusters.

Items are drawn afresh in each replication, the base's answers included: with a base that is right
on exactly half of its items the net change would vary less than that of items drawn at random, and
every error rate would look better than it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from forgetscope.records import Column, OutputType, Profile, Role, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How answers move from one checkpoint to the next (or from the base), and the items."""

    n: int
    """Items of a domain."""
    discordance: float
    """Share of items on which the last checkpoint differs from the base."""
    size: int = 1
    """Items of a cluster; they share the base's answer, and half of their flips."""
    is_walk: bool = False
    """Whether a checkpoint departs from the one before it rather than from the base."""
    loss: float = 0.0
    """True drop at every checkpoint (a walk: at the last one), a share."""

    @property
    def words(self) -> str:
        """How a table names this."""
        return f"n = {self.n}, discordance {self.discordance:g}, {self.kind}"

    @property
    def kind(self) -> str:
        """How a table names what moves together."""
        items = f"clusters of {self.size}" if self.size > 1 else "separate items"
        return f"{items}, {'a walk' if self.is_walk else 'independent checkpoints'}"


def answers(
    rng: np.random.Generator, drift: Drift, *, n_domains: int, n_checkpoints: int
) -> np.ndarray:
    """Return right (1) and wrong (0) answers of the base and its checkpoints, axes T+1, D, I."""
    n_sources = -(-drift.n // drift.size)
    base_DG = rng.random((n_domains, n_sources)) < 0.5
    right_TDI = np.empty((n_checkpoints + 1, n_domains, drift.n), dtype=bool)
    right_TDI[0] = np.repeat(base_DG, drift.size, axis=1)[:, : drift.n]
    lost, gained = flip_rates(drift, n_checkpoints)
    for t in range(n_checkpoints):
        before_DI = right_TDI[t if drift.is_walk else 0]
        rate_DI = np.where(before_DI, lost, gained)
        right_TDI[t + 1] = before_DI ^ (_draws(rng, before_DI.shape, drift.size) < rate_DI)
    return right_TDI.astype(float)


def flip_rates(drift: Drift, n_checkpoints: int) -> tuple[float, float]:
    """Return how probably a right answer is lost, and a wrong one gained, in one step.

    Of a walk of s steps with rates l and g, the share differing from a balanced base is
    (1 - (1 - l - g)^s) / 2 at the end, and the drop is (l - g) / (l + g) times that.
    """
    if not drift.is_walk:
        return drift.discordance + drift.loss, drift.discordance - drift.loss
    both = 1 - (1 - 2 * drift.discordance) ** (1 / n_checkpoints)
    lean = drift.loss / drift.discordance
    return both * (1 + lean) / 2, both * (1 - lean) / 2


def _draws(rng: np.random.Generator, shape: tuple[int, int], size: int) -> np.ndarray:
    own_DI = rng.random(shape)
    if size == 1:
        return own_DI
    n_domains, n = shape
    shared_DI = np.repeat(rng.random((n_domains, -(-n // size))), size, axis=1)[:, :n]
    return np.where(rng.random(shape) < 0.5, shared_DI, own_DI)


def led(
    rng: np.random.Generator, mean_T: Sequence[float], *, n: int, n_domains: int, churn: float
) -> np.ndarray:
    """Return answers of a walk whose true score follows a given path, axes T, D, I.

    Each step loses `churn` of the right answers more than the path asks for, and gains as many.
    """
    right_TDI = np.empty((len(mean_T), n_domains, n), dtype=bool)
    right_TDI[0] = rng.random((n_domains, n)) < mean_T[0]
    for t, (mean, later) in enumerate(pairwise(mean_T)):
        lost = churn + max(mean - later, 0.0) / mean
        gained = churn * mean / (1 - mean) + max(later - mean, 0.0) / (1 - mean)
        rate_DI = np.where(right_TDI[t], lost, gained)
        right_TDI[t + 1] = right_TDI[t] ^ (rng.random((n_domains, n)) < rate_DI)
    return right_TDI.astype(float)


def profiles(value_TDI: np.ndarray, *, size: int = 1, tasks: int = 1) -> list[Profile]:
    """Return whole records of a series, base first; D counts tasks, so many to a domain."""
    _, n_tasks, n = value_TDI.shape
    still = [_still(place, n, size, place // tasks) for place in range(n_tasks)]
    return [
        Profile(
            label=f"step-{t}" if t else "base",
            columns=tuple(
                Column(value_I=value_I, **fields)
                for fields, value_I in zip(still, value_DI, strict=True)
            ),
            step=100 * t,
        )
        for t, value_DI in enumerate(value_TDI)
    ]


@lru_cache(maxsize=64)
def _still(place: int, n: int, size: int, domain: int) -> dict:
    """Return the fields of a column that no checkpoint changes."""
    task = Task(
        name=f"task{place}",
        domain=f"domain{domain}",
        role=Role.GENERAL,
        metric="acc",
        chance=float("nan"),
        output_type=OutputType.MULTIPLE_CHOICE,
        version="1",
        n_shots=0,
        fingerprint=f"settings of {place}",
    )
    return {
        "task": task,
        "item_ids": tuple(f"{place}-{i}" for i in range(n)),
        "prompt_hashes": tuple(f"asked {i}" for i in range(n)),
        "clusters": tuple(f"{place}/{i // size}" if size > 1 else "" for i in range(n)),
        "chance_I": np.full(n, np.nan),
        "form_I": np.full(n, -1, dtype=np.int8),
    }


def binary_differences(
    rng: np.random.Generator, shape: tuple[int, int], lost: float, gained: float, size: int
) -> np.ndarray:
    """Return differences -1, 0, 1 of R replications of G clusters of `size`, axes R, G, size.

    Half of the items of a cluster share one draw.
    """
    own_RGS = rng.random((*shape, size))
    if size > 1:
        shared_RG1 = rng.random((*shape, 1))
        own_RGS = np.where(rng.random(own_RGS.shape) < 0.5, shared_RG1, own_RGS)
    return np.where(own_RGS < lost, -1.0, np.where(own_RGS >= 1 - gained, 1.0, 0.0))
