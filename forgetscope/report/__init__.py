"""The report: data first (`ReportView`), then page, pictures, Markdown, JSON and plain text.

Importing this package loads neither matplotlib nor jinja2; both wait for the first file.
"""

from forgetscope.report.github import github_errors, github_outputs, render_github
from forgetscope.report.junit import render_junit, render_junit_error
from forgetscope.report.latex import render_latex
from forgetscope.report.markdown import render_markdown
from forgetscope.report.model_card import render_model_card
from forgetscope.report.notebook import paint_views
from forgetscope.report.plain import plain_lines, verdict_line
from forgetscope.report.results import SCHEMA, render_results, results, results_schema
from forgetscope.report.spreadsheet import render_csv
from forgetscope.report.view import ReportView
from forgetscope.report.wording import clean
from forgetscope.report.write import write_pictures, write_report, write_shown

__all__ = [
    "SCHEMA",
    "ReportView",
    "clean",
    "github_errors",
    "github_outputs",
    "plain_lines",
    "render_csv",
    "render_github",
    "render_junit",
    "render_junit_error",
    "render_latex",
    "render_markdown",
    "render_model_card",
    "render_results",
    "results",
    "results_schema",
    "verdict_line",
    "write_pictures",
    "write_report",
    "write_shown",
]

paint_views()
