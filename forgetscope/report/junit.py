"""JUnit XML: the domains and tasks of the last checkpoint as the test cases of a pipeline.

The file is red exactly where the gate is. The gate judges domains, so a task never fails by
itself: it fails where it is FORGOT in a domain that failed, and says where the loss lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from forgetscope.records import Role, Verdict
from forgetscope.report import wording
from forgetscope.report.chart import ForestRow
from forgetscope.report.view import ReportView

if TYPE_CHECKING:
    from forgetscope.suites import Require

__all__ = ["render_junit", "render_junit_error"]

_FORGOT, _UNMEASURED = wording.MARKS[Verdict.FORGOT], wording.MARKS[Verdict.CANNOT_MEASURE]
_NOT_IN_XML = re.compile("[\ufffe\uffff\U0001fffe\U0001ffff]")
"""What XML refuses and `wording.clean` has no reason to name."""


def render_junit(
    view: ReportView,
    *,
    require: Require = "not-forgot",
    domains: Sequence[str] | None = None,
) -> str:
    """Return the last comparison as a test suite, a class per domain, a case per task.

    The first case of a class bears the name of the domain and holds its verdict.

    Parameters
    ----------
    view
        What was found.
    require
        What passes: with `held` everything that is not proved at the domain's own level fails.
    domains
        Slugs of the domains that the gate judges; default: the general ones. All others pass.
    """
    rows = view.ledger.rows if view.ledger else ()
    cases = [case for row in rows for case in _cases(row, _fails(row, require, domains))]
    if not any(_is_judged(row, domains) for row in rows):
        cases.append(_nothing_compared(require))
    name = f"{view.base} against {view.ledger.checkpoint}" if view.ledger else view.base
    return _file(name, cases, properties=_properties(view, require))


def render_junit_error(message: str) -> str:
    """Return a suite of one case with an error: nothing could be run."""
    case = ET.Element("testcase", classname="forgetscope", name="run", time="0")
    _say(case, "error", message, type="could not run")
    return _file("forgetscope", [case], properties={})


def _fails(row: ForestRow, require: Require, domains: Sequence[str] | None) -> bool:
    if not _is_judged(row, domains):
        return False
    return row.mark is _FORGOT or (require == "held" and not row.is_held_alone)


def _is_judged(row: ForestRow, domains: Sequence[str] | None) -> bool:
    return row.role is Role.GENERAL if domains is None else row.name in domains


def _cases(row: ForestRow, fails: bool) -> Iterator[ET.Element]:
    yield _case(row, domain=row.name, fails=fails)
    for task in row.tasks:
        yield _case(task, domain=row.name, fails=fails and task.mark is _FORGOT)


def _case(row: ForestRow, *, domain: str, fails: bool) -> ET.Element:
    case = ET.Element("testcase", classname=_line(domain), name=_line(row.name), time="0")
    if fails:
        # the text stands in the body too: GitLab reads no attribute
        _say(case, "failure", _told(row), type=row.mark.word)
    elif row.mark is _UNMEASURED:
        _say(case, "skipped", row.words)
    else:
        ET.SubElement(case, "system-out").text = _line(_told(row))
    return case


def _told(row: ForestRow) -> str:
    """Return the row as a sentence, with how many items are missing where it is open."""
    return row.summary if row.words in row.summary else f"{row.summary}; {row.words}"


def _say(case: ET.Element, kind: str, text: str, **attributes: str) -> None:
    said = ET.SubElement(case, kind, {"message": _line(text)} | attributes)
    said.text = _line(text)


def _nothing_compared(require: Require) -> ET.Element:
    case = ET.Element("testcase", classname="forgetscope", name="comparison", time="0")
    if require == "held":
        _say(case, "failure", "nothing was compared", type="not proved")
    else:
        _say(case, "skipped", "nothing was compared")
    return case


def _properties(view: ReportView, require: Require) -> dict[str, str]:
    found = {"require": str(require), "margin, points": view.margin, "headline": view.headline}
    return found | ({"study": view.study} if view.study else {})


def _file(name: str, cases: Sequence[ET.Element], *, properties: dict[str, str]) -> str:
    counts = {
        "tests": str(len(cases)),
        "failures": _count(cases, "failure"),
        "errors": _count(cases, "error"),
        "skipped": _count(cases, "skipped"),
    }
    root = ET.Element("testsuites", {"name": "forgetscope"} | counts)
    suite = ET.SubElement(root, "testsuite", {"name": _line(name)} | counts)
    if properties:
        listed = ET.SubElement(suite, "properties")
        for key, value in properties.items():
            ET.SubElement(listed, "property", name=key, value=_line(value))
    suite.extend(cases)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _count(cases: Iterable[ET.Element], kind: str) -> str:
    return str(sum(case.find(kind) is not None for case in cases))


def _line(text: str) -> str:
    def named(found: re.Match[str]) -> str:
        return f"[U+{ord(found.group()):04X}]"

    return _NOT_IN_XML.sub(named, wording.one_line(text))
