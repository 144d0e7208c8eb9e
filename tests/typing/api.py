"""The public types, checked by mypy and never run."""

from pathlib import Path

import pandas as pd

from forgetscope import Comparison, Diagnosis, DomainPolicy, Policy, Study, Verdict, diff, evaluate
from forgetscope.report import ReportView


def _check() -> None:
    study: Study = evaluate(["base", "runs/grpo"], suite="small", out="study")
    comparison: Comparison = study.compare("base", "checkpoint-100", margin=0.02)
    diagnosis: Diagnosis = study.diagnose(margin=0.02, alpha=0.05)
    policy = Policy(margin=0.02, domains={"math": DomainPolicy(margin=0.05)})
    judged: Diagnosis = study.diagnose(policy=policy, require="held")
    passed: bool = study.gate(policy=Path("policy.toml")).passed
    frame: pd.DataFrame = comparison.to_pandas()
    verdict: Verdict = comparison.domains[0].verdict
    change: float = comparison.overall.change
    view: ReportView = diff("study:base", "study:checkpoint-100")
    del diagnosis, verdict, change, view, judged, passed, frame
