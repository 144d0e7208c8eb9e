"""What the pages of `docs/` tell people to run works as written."""

import re
from pathlib import Path

import pytest

from forgetscope.records import Adjunct, Role, Verdict

DOCS = Path(__file__).parent.parent / "docs"
PACKAGE = DOCS.parent / "forgetscope"
PAGES = [page.name for page in sorted(DOCS.glob("*.md"))]


def _text(page):
    return (DOCS / page).read_text(encoding="utf-8")


def _blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", _text(page), flags=re.DOTALL)


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
    for target in re.findall(r"\]\(([^)#]+)\)", _text(page)):
        if "://" not in target:
            assert (DOCS / target).exists(), target


def _cited_in_the_code():
    source = "\n".join(file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py"))
    return set(re.findall(r"arXiv[: ](\d{4}\.\d{5})", source))


def test_every_paper_the_code_cites_is_in_the_index_and_no_other():
    assert set(re.findall(r"arXiv:(\d{4}\.\d{5})", _text("papers.md"))) == _cited_in_the_code()


def test_every_module_of_the_index_of_papers_cites_its_paper():
    rows = re.findall(r"^\| (.+?) \|.*\| (.+?) \|$", _text("papers.md"), flags=re.MULTILINE)
    for source, modules in rows:
        folder = ""
        for module in re.findall(r"`([\w/]+\.py)`", modules):
            folder = module.rpartition("/")[0] or folder
            text = (PACKAGE / folder / Path(module).name).read_text(encoding="utf-8")
            signs = re.findall(r"\d{4}\.\d{5}", source) or re.findall(r"\b(?:19|20)\d\d\b", source)
            assert any(sign in text for sign in signs), (module, source)


@pytest.mark.parametrize("word", [*(v.value for v in Verdict), *(a.value for a in Adjunct)])
def test_the_glossary_has_every_word_of_a_verdict(word):
    assert word in _text("glossary.md")


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_the_glossary_has_every_role(role):
    (line,) = [line for line in _text("glossary.md").splitlines() if "**role**" in line]
    assert role in line
