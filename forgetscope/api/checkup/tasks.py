"""What would keep the tasks of a suite from running, and the tasks that can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.checkup.finding import Finding, State, broken, guarded, merged, noted
from forgetscope.api.own_tasks import own_tasks
from forgetscope.errors import DataError, ForgetscopeError
from forgetscope.suites import Style, Suite, TaskChoice, look_up

if TYPE_CHECKING:
    from forgetscope.evaluation.harness import HubData, LoadedTask, TaskSurvey

__all__ = ["TaskChecks", "check_tasks"]

NAMES, CODE, SOFTWARE, DATA = "tasks", "code", "software", "data"


def check_tasks(suite: Suite, *, data_dir: Path | None, style: Style = Style.PLAIN) -> TaskChecks:
    """Check each task of a suite by itself, so that all that is wrong shows at once.

    Data that are on this machine are read; nothing is fetched.
    """
    checks = TaskChecks(suite, data_dir=data_dir, style=style)
    for choice in suite.choices:
        checks.check(choice)
    return checks


class TaskChecks:
    """What is found about the tasks of a suite.

    Parameters
    ----------
    suite
        The suite.
    data_dir
        Local mirror of benchmark data.
    style
        How the models answer, which decides how long they may.
    """

    def __init__(self, suite: Suite, *, data_dir: Path | None, style: Style) -> None:
        from forgetscope.evaluation.harness import Hub

        self.suite = suite
        self._style = style
        self._data_dir = data_dir
        self._hub = Hub()
        self._findings: list[Finding] = []
        self.loaded: dict[str, LoadedTask] = {}
        """Tasks whose data are on this machine, by name."""
        self.fetched: dict[str, TaskChoice] = {}
        """Tasks whose data would be fetched, by name."""

    @property
    def findings(self) -> list[Finding]:
        """What was found; what several tasks have in common is told once."""
        return merged(self._findings)

    @property
    def refused(self) -> dict[str, str]:
        """Tasks that cannot run, and why."""
        failed = (finding for finding in self._findings if finding.state is State.FAIL)
        return {finding.subject: finding.what for finding in failed}

    def check(self, choice: TaskChoice) -> None:
        """Check a task or group."""
        found = guarded(NAMES, choice.name, lambda: self._of_choice(choice))
        if choice.optional:
            found = [_left_out(finding) for finding in found]
        self._findings += found

    def _of_choice(self, choice: TaskChoice) -> Iterator[Finding]:
        from forgetscope.evaluation.harness import survey

        own = own_tasks(replace(self.suite, choices=(choice,)))
        if own or choice.file is not None:
            is_made = bool(own) and choice.file is None
            yield from self._load(choice, said="made here, nothing is fetched" if is_made else "")
            return
        surveys = survey(choice.name)
        against = {each.name: list(_by_file(each)) for each in surveys}
        for findings in against.values():
            yield from findings
        sound = [each for each in surveys if not _has_failed(against[each.name])]
        # to build them would fetch something
        self.fetched |= {
            each.name: replace(choice, name=each.name) for each in sound if _fetches(each)
        }
        sound = [each for each in sound if not _fetches(each)]
        if len(sound) == len(surveys):
            try:
                yield from self._load(choice)
            except ForgetscopeError:
                pass  # one task of it, or more: told below
            else:
                return
        for each in sound:
            yield from guarded(NAMES, each.name, partial(self._of_leaf, each, choice))

    def _of_leaf(self, each: TaskSurvey, choice: TaskChoice) -> Iterator[Finding]:
        """Check one task whose group could not be loaded as a whole."""
        alone = replace(choice, name=each.name)
        try:
            yield from self._load(alone)
        except DataError as error:
            if each.data_set is None or "/" not in each.data_set:
                raise
            found = self._hub.data(each.data_set)
            finding = _on_hub(each.name, each.data_set, found, error)
            if finding.state is not State.FAIL:
                self.fetched[each.name] = alone
            yield finding

    def _load(self, choice: TaskChoice, *, said: str = "") -> Iterator[Finding]:
        from forgetscope.evaluation.harness import load_tasks, without_network

        # an optional task is to say why it cannot be loaded, too
        suite = replace(self.suite, choices=(replace(choice, optional=False),))
        with without_network():
            tasks = load_tasks(
                suite, data_dir=self._data_dir, own=own_tasks(suite), style=self._style
            )
        self.loaded |= {each.task.name: each for each in tasks}
        if not said:
            is_local = all(each.is_local for each in tasks)
            said = "read from local files" if is_local else "in the cache of this machine"
        yield noted(DATA, choice.name, said if len(tasks) == 1 else f"{len(tasks)} tasks, {said}")


def _left_out(finding: Finding) -> Finding:
    """Return what keeps an optional task from running, which is then left out with a note."""
    if finding.state is not State.FAIL:
        return finding
    return replace(finding, state=State.WARN, what=f"left out: {finding.what}", exit_code=0)


def _fetches(each: TaskSurvey) -> bool:
    """Whether the code of a task fetches something as it is loaded."""
    return bool(each.fetched_metrics) or each.lacks_punkt


def _has_failed(findings: Iterable[Finding]) -> bool:
    return any(finding.state is State.FAIL for finding in findings)


def _by_file(each: TaskSurvey) -> Iterator[Finding]:
    """Yield what the file of a task says against it."""
    leave_out = "leave it out of the suite"
    if each.runs_code:
        what = "runs code that the model writes, which is never done here"
        yield broken(CODE, each.name, what, hint=leave_out, is_call=True)
    if each.is_multimodal:
        what = "needs images or sound, which no engine here reads"
        yield broken(CODE, each.name, what, hint=leave_out, is_call=True)
    if each.missing_packages:
        missing = ", ".join(each.missing_packages)
        entry = look_up(each.name)
        hint = f"install {entry.needs}" if entry and entry.needs else f"pip install {missing}"
        yield broken(SOFTWARE, each.name, f"needs {missing}", hint=hint.replace(",", ""))
    if each.fetched_metrics:
        what = f"fetches its metric {', '.join(each.fetched_metrics)} when it is built"
        yield noted(SOFTWARE, each.name, what, state=State.WARN)
    if each.lacks_punkt and not each.missing_packages:
        what = "fetches NLTK's punkt_tab when it is first used"
        hint = "with a network: python -m nltk.downloader punkt_tab"
        yield noted(SOFTWARE, each.name, what, hint=hint, state=State.WARN)


def _on_hub(name: str, data_set: str, found: HubData, error: ForgetscopeError) -> Finding:
    """Return what the hub has of data that are not on this machine."""
    from forgetscope.evaluation.harness import HubState

    if found.state in (HubState.READY, HubState.GATED):
        size = "" if found.n_bytes is None else f", {found.n_bytes / 1e6:,.0f} MB in all"
        gated = "; gated: the account here must have been let in"
        said = f"{data_set} will be fetched{size}{gated if found.state is HubState.GATED else ''}"
        return noted(DATA, name, said, state=State.WARN)
    what, hint = {
        HubState.CLOSED: (
            f"{data_set} is gated, and no account that was let in is logged in here",
            "ask for access on its page, then `hf auth login`",
        ),
        HubState.SCRIPT: (
            f"{data_set} is made by a script, which `datasets` no longer runs",
            "leave the task out, or point `--data-dir` at a mirror that holds its data",
        ),
        HubState.UNKNOWN: (f"the hub has no data set {data_set}, or it is private", ""),
    }.get(
        found.state,
        (
            f"{data_set} is neither in a mirror nor in the cache, and the hub cannot be reached",
            "point `--data-dir` at a mirror, or take `--suite offline`",
        ),
    )
    return broken(DATA, name, what, hint=hint or error.hint or "")
