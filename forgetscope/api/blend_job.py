"""One search over blends, and the verdict on what it finds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.bench import Bench
from forgetscope.api.blend_ends import BlendEnds
from forgetscope.api.blend_records import Blended, BlendRequest
from forgetscope.api.blend_search import BlendSearch, final_portion, label_of, search_portions
from forgetscope.api.blend_settings import keep_settings
from forgetscope.api.evaluation_request import options_of
from forgetscope.api.study import Study
from forgetscope.diagnosis import gate_rows
from forgetscope.diagnosis.blending import cell_of, choose, why_none
from forgetscope.diagnosis.pool import role_of
from forgetscope.errors import UsageError
from forgetscope.records import (
    BlendCurve,
    BlendPoint,
    Checkpoint,
    Diagnosis,
    GateResult,
    Progress,
    Role,
    Task,
)
from forgetscope.statistics import Portion
from forgetscope.store import Study as StoredStudy
from forgetscope.store import is_study
from forgetscope.store.blend import blend_curve, put_blend_curve
from forgetscope.store.study import Json
from forgetscope.suites import PolicyFile, Require, Suite

if TYPE_CHECKING:
    from forgetscope.evaluation import EvaluationOptions, OpenSuite

__all__ = ["BlendJob"]

_FAILED, _UNPROVED = 1, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendJob:
    """One search, and the verdict on what it finds."""

    ends: BlendEnds
    out: Path
    suite: Suite
    request: BlendRequest
    file: PolicyFile
    progress: Progress

    def settings(self) -> dict[str, Json]:
        """Return everything that the result depends on."""
        evaluation = self.request.evaluation
        tags = evaluation.think_tags
        return {
            "base": self.ends.base.fingerprint,
            "after": self.ends.after_fingerprint,
            "suite": self.suite.fingerprint,
            "limit": evaluation.limit,
            "dtype": evaluation.dtype,
            "chat_template": evaluation.chat_template,
            "system": evaluation.system,
            "thinking": evaluation.thinking,
            "think_tags": None if tags is None else list(tags),
            "margin": self.file.policy.margin,
            "require": self.request.require,
            "seed": self.request.seed,
        }

    def curve(self) -> BlendCurve | None:
        """Return what was found, if the search came to its end and its checkpoint is there."""
        if not is_study(self.out / "study"):
            return None
        with StoredStudy(self.out / "study") as study:
            found = blend_curve(study)
        is_whole = found is not None and (found.chosen is None or self._checkpoint.is_dir())
        return found if is_whole else None

    def run(self) -> None:
        """Search, judge and store; only what an earlier call left open is computed."""
        from forgetscope.evaluation import open_suite

        options = options_of(self.request.evaluation, self.suite)
        options = replace(options, base=self.ends.base.label)
        opened = open_suite(self.suite, options=options, progress=self.progress)
        _check_roles([each.task for each in opened.tasks])
        try:
            points = self._searched(opened, options)
            self._judge(points, opened, options)
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def result(self, curve: BlendCurve) -> Blended:
        """Write the report and return what was found."""
        with Study(self.out / "study") as study:
            diagnosis = study.diagnose(policy=self.file)
            study.save_report(self.out / "report", policy=self.file)
        if curve.chosen is None:
            gate = _nothing_chosen(curve, require=self.request.require)
            return Blended(curve=curve, gate=gate, target=(), general=(), checkpoint=None)
        last = diagnosis.comparisons[-1]
        return Blended(
            curve=curve,
            gate=diagnosis.gate,
            target=tuple(cell for cell in last.domains if cell.role is Role.TARGET),
            general=gate_rows(last),
            checkpoint=self._checkpoint,
        )

    @property
    def _checkpoint(self) -> Path:
        return self.out / "checkpoint"

    @property
    def _scratch(self) -> Path:
        return self.out / "blends"

    def _searched(self, opened: OpenSuite, options: EvaluationOptions) -> tuple[BlendPoint, ...]:
        with StoredStudy(self.out / "search", create=True) as study:
            keep_settings(study, self.settings())
            portions = search_portions(self.request.seed)
            search = BlendSearch(
                ends=self.ends,
                bench=self._bench(study, opened, options, portions),
                scratch=self._scratch,
                policy=self.file.policy,
                require=self.request.require,
            )
            return search.run()

    def _judge(
        self, points: tuple[BlendPoint, ...], opened: OpenSuite, options: EvaluationOptions
    ) -> None:
        """Ask base, tuned checkpoint and chosen blend what the search never asked."""
        chosen = choose(points)
        with StoredStudy(self.out / "study", create=True) as study:
            portions = (final_portion(self.request.seed),)
            bench = self._bench(study, opened, options, portions, purpose="kept-back items")
            bench.ask(self.ends.base)
            with self.ends.tuned(scratch=self._scratch) as checkpoint:
                bench.ask(checkpoint)
            if chosen is not None:
                with self._saved(chosen.share) as checkpoint:
                    bench.ask(checkpoint)
        with Study(self.out / "study") as judged:
            curve = self._curve(points, chosen, judged.diagnose(policy=self.file))
        with StoredStudy(self.out / "study") as study, study.writer():
            put_blend_curve(study, curve)

    def _curve(
        self, points: tuple[BlendPoint, ...], chosen: BlendPoint | None, diagnosis: Diagnosis
    ) -> BlendCurve:
        final = {each.after: tuple(map(cell_of, each.domains)) for each in diagnosis.comparisons}
        return BlendCurve(
            before=self.ends.base.label,
            after=self.ends.after_label,
            points=points,
            chosen=None if chosen is None else chosen.share,
            require=self.request.require,
            margin=self.file.policy.margin,
            seed=self.request.seed,
            final=() if chosen is None else final[label_of(chosen.share)],
            after_final=final[self.ends.after_label],
        )

    @contextmanager
    def _saved(self, share: float) -> Iterator[Checkpoint]:
        """Write the chosen blend, and give it ready to answer."""
        from forgetscope.scoring import resolve_series

        self.ends.save(share, self._checkpoint)
        label = label_of(share)
        if self.ends.after is None:
            with self.ends.written(share, label, scratch=self._scratch) as checkpoint:
                yield checkpoint
        else:
            yield replace(resolve_series([str(self._checkpoint)])[0], label=label)

    def _bench(
        self,
        study: StoredStudy,
        opened: OpenSuite,
        options: EvaluationOptions,
        portions: Sequence[Portion],
        *,
        purpose: str = "",
    ) -> Bench:
        return Bench(
            study=study,
            opened=opened,
            options=options,
            portions=portions,
            progress=self.progress,
            purpose=purpose,
        )


def _check_roles(tasks: Sequence[Task]) -> None:
    """Refuse tasks among which there is nothing to gain, or nothing to lose."""
    by_domain: dict[str, list[Task]] = {}
    for task in tasks:
        by_domain.setdefault(task.domain, []).append(task)
    roles = {name: role_of(tuple(of_domain)) for name, of_domain in by_domain.items()}
    known = ", ".join(roles)
    if Role.TARGET not in roles.values():
        raise UsageError(
            "no task is of the domain that was trained for, so there is no gain to keep",
            hint=f"say which it is with `--target DOMAIN`; the domains here: {known}",
        )
    if Role.GENERAL not in roles.values():
        raise UsageError(
            f"nothing that could be forgotten is asked: the only domains are {known}",
            hint="add tasks of other domains with `--suite` or `--tasks`",
        )


def _nothing_chosen(curve: BlendCurve, *, require: Require) -> GateResult:
    """Say why there is no blend to judge: what was required of all decides the code."""
    return GateResult(
        passed=False,
        exit_code=_UNPROVED if require == "held" else _FAILED,
        reason=why_none(curve.points, require=require),
    )
