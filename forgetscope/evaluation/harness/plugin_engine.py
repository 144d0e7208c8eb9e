"""An engine of another package: what it lacks is added, and what fails in it names it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from forgetscope.errors import ForgetscopeError, PluginError
from forgetscope.plugins import PluginKind, called, load_plugin
from forgetscope.records import Answer, Checkpoint, Request
from forgetscope.scoring import EngineConfig, Tokenizer, engine_fingerprint

__all__ = ["PluginEngine"]


class PluginEngine:
    """A checkpoint that answers as another package lets it.

    Parameters
    ----------
    checkpoint, tokenizer, config
        What the engine of the package is made with.

    Raises
    ------
    PluginError
        If it cannot be loaded or made, or has no method `answer`.
    """

    def __init__(self, checkpoint: Checkpoint, tokenizer: Tokenizer, config: EngineConfig) -> None:
        self._plugin = load_plugin(PluginKind.ENGINE, config.name)
        self._engine: Any = called(self._plugin, checkpoint, tokenizer, config)
        if not callable(getattr(self._engine, "answer", None)):
            raise PluginError(
                f"the engine `{config.name}` of `{self._plugin.package}` has no method `answer`",
                hint="see `forgetscope.scoring.Engine`",
            )
        self.fingerprint = engine_fingerprint(tokenizer, config, checkpoint=checkpoint)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the engine has to say of itself, if anything."""
        return tuple(getattr(self._engine, "notes", ()))

    def answer(
        self,
        requests: Sequence[Request],
        *,
        answered: Collection[str] = (),
        sample_index: int = 0,
    ) -> Iterator[Answer]:
        """Yield one answer per request; see `Engine`.

        Raises
        ------
        PluginError
            If the engine fails, or yields anything but an `Answer`.
        """
        try:
            for answer in self._engine.answer(
                requests, answered=answered, sample_index=sample_index
            ):
                yield self._checked(answer)
        except ForgetscopeError:
            raise
        except Exception as error:  # a plugin is anybody's code and may fail in any way
            raise self._failed(f"failed: {type(error).__name__}: {error}") from error

    def _checked(self, answer: object) -> Answer:
        if not isinstance(answer, Answer):
            raise self._failed(f"yields {type(answer).__name__}, not `Answer`")
        return answer

    def _failed(self, what: str) -> PluginError:
        return PluginError(
            f"the engine `{self._plugin.name}` of `{self._plugin.package}` {what}",
            hint="what was answered is kept, and the same command goes on",
        )
