"""Availability: whether the data of a task are on this machine, or could be fetched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import datasets
import huggingface_hub
from huggingface_hub import constants
from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

__all__ = ["Hub", "HubData", "HubState", "without_network"]

_PATIENCE_SECONDS = 10.0
_DATA_SUFFIXES = (".parquet", ".json", ".jsonl", ".csv", ".tsv", ".txt", ".arrow", ".gz", ".zip")


class HubState(StrEnum):
    """What the hub says about a data set."""

    READY = "ready"
    GATED = "gated"
    """Its owner must let an account in; whether ours is in shows only on reading it."""
    CLOSED = "closed"
    """Gated, and no account is logged in here or it was not let in."""
    SCRIPT = "script"
    """Made by a script, which no installed version of `datasets` runs."""
    UNKNOWN = "unknown"
    """No such data set, or a private one."""
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubData:
    """A data set on the hub."""

    state: HubState
    n_bytes: int | None = None
    """Size of all its files; `None` where the hub does not say."""


@contextmanager
def without_network() -> Iterator[None]:
    """Let data be read from files and the cache alone, as `HF_HUB_OFFLINE=1` does."""
    before = constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = before


class Hub:
    """The hub, asked once about each data set, and no more once it could not be reached."""

    def __init__(self) -> None:
        self._known: dict[str, HubData] = {}
        self._is_reachable = True

    def data(self, data_set: str) -> HubData:
        """Ask about a data set, `org/name` as a task file has it; nothing is fetched."""
        if data_set not in self._known:
            unreachable = HubData(state=HubState.UNREACHABLE)
            found = _asked(data_set) if self._is_reachable else unreachable
            self._is_reachable = found.state is not HubState.UNREACHABLE
            self._known[data_set] = found
        return self._known[data_set]


def _asked(data_set: str) -> HubData:
    try:
        info = huggingface_hub.HfApi().dataset_info(
            data_set, files_metadata=True, timeout=_PATIENCE_SECONDS
        )
    except GatedRepoError:
        return HubData(state=HubState.CLOSED)
    except (RepositoryNotFoundError, HFValidationError):
        return HubData(state=HubState.UNKNOWN)
    except Exception:  # the client's network library has errors of its own, by version
        return HubData(state=HubState.UNREACHABLE)
    files = list(info.siblings or ())
    sizes = [file.size for file in files if file.size is not None]
    return HubData(
        state=_state(info.gated, [file.rfilename for file in files]),
        n_bytes=sum(sizes) if sizes else None,
    )


def _state(gated: object, names: list[str]) -> HubState:
    if gated:
        return HubState.GATED if huggingface_hub.get_token() else HubState.CLOSED
    has_script = any(name.endswith(".py") and "/" not in name for name in names)
    has_data = any(name.endswith(_DATA_SUFFIXES) for name in names)
    return HubState.SCRIPT if has_script and not has_data else HubState.READY
