"""The report: data first (`ReportView`), then page, pictures, Markdown, JSON and plain text.

Importing this package loads neither matplotlib nor jinja2; both wait for the first file.
"""

from forgetscope.report.plain import plain_lines, verdict_line
from forgetscope.report.results import SCHEMA, results, results_schema
from forgetscope.report.view import ReportView
from forgetscope.report.wording import clean
from forgetscope.report.write import write_pictures, write_report

__all__ = [
    "SCHEMA",
    "ReportView",
    "clean",
    "plain_lines",
    "results",
    "results_schema",
    "verdict_line",
    "write_pictures",
    "write_report",
]
