"""docs/reading_a_report.md says of the demo's pictures what the demo's results say."""

import json
import re
from pathlib import Path

import pytest

from forgetscope.records import FormatClass, Verdict
from forgetscope.report import wording

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reading_a_report.md").read_text(encoding="utf-8")
RESULTS = json.loads((ROOT / "reports" / "demo" / "results.json").read_text(encoding="utf-8"))
TEMPLATES = "".join(
    path.read_text(encoding="utf-8")
    for path in (ROOT / "forgetscope" / "report" / "templates").glob("*.j2")
)


@pytest.mark.parametrize("line", re.findall(r"^- \*\*(?:.+?)(?=\n- |\n\n)", PAGE, re.M | re.S))
def test_a_row_that_the_page_explains_has_that_verdict(line):
    name = re.match(r"- \*\*(\w+)\*\*", line)[1]
    said = [verdict for verdict in Verdict if re.search(rf"\b{verdict}\b", line)]
    cells = {cell["name"]: cell for cell in RESULTS["comparisons"][-1]["domains"]}
    assert [cells[name.lower()]["verdict"]] == said


def test_it_explains_four_rows():
    assert len(re.findall(r"^- \*\*\w+\*\* ", PAGE, re.MULTILINE)) == 4


def test_every_verdict_every_remark_and_every_way_to_fail_is_explained():
    words = [*map(str, Verdict), *(chip.word for chip in wording.ADJUNCTS.values())]
    words += [str(form) for form in FormatClass if form is not FormatClass.OTHER_LANGUAGE]
    assert [word for word in words if word not in PAGE] == []


@pytest.mark.parametrize("heading", re.findall(r"^## [2346]\. (.*)$", PAGE, re.MULTILINE))
def test_the_headings_are_those_of_the_page(heading):
    assert heading in TEMPLATES
