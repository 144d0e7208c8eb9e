"""What the pages of `docs/` tell people to run works as written."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [page.name for page in sorted(DOCS.glob("*.md"))]


def _blocks(page, language):
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page, "python")])
def test_the_python_of_a_page_prints_what_the_page_says(page, capsys):
    names = {}
    for block in _blocks(page, "python"):
        exec(block, names)
    assert capsys.readouterr().out == "".join(_blocks(page, "text"))


def test_the_example_of_a_rule_is_short_and_needs_no_torch():
    *_, example = _blocks("use_a_rule_anywhere.md", "python")
    assert len(example.splitlines()) <= 40
    assert "torch" not in example


@pytest.mark.parametrize("page", PAGES)
def test_every_file_a_page_points_to_is_there(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert (DOCS / target).exists(), target
