"""Pictures in formats for print: equal bytes, texts that stay texts, nothing loaded."""

import re
from xml.etree import ElementTree

import pytest

from forgetscope.report import ReportView
from forgetscope.report.figures import KINDS, figures
from tests.report import behind, behind_training, made


@pytest.fixture(scope="module")
def view():
    return ReportView.of(behind.full(), checkpoints=made.SERIES)


@pytest.fixture(scope="module")
def files(view):
    return dict(figures(view, KINDS))


def test_every_picture_comes_in_every_format(files):
    stems = {name.rsplit(".")[0] for name in files}
    assert "profile" in stems
    assert set(files) == {f"{stem}.{kind}" for stem in stems for kind in KINDS}
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    for name, content in files.items():
        assert content.startswith(starts[name.rsplit(".")[1]])


def test_equal_views_give_equal_bytes(view, files):
    assert dict(figures(view, ("svg", "pdf"))) == {
        name: content for name, content in files.items() if not name.endswith(".png")
    }


def test_no_file_tells_when_or_with_what_it_was_made(files):
    for name, content in files.items():
        for word in (b"CreationDate", b"<dc:date>", b"Software", b"Matplotlib v"):
            assert word not in content, name


def test_texts_of_an_svg_can_be_read_and_found(view, files):
    tree = ElementTree.fromstring(files["forest.svg"])
    texts = {"".join(one.itertext()).strip() for one in tree.iter() if one.tag.endswith("}text")}
    assert view.headline in texts
    for row in view.ledger.rows:
        assert any(row.label in text for text in texts)


def test_hostile_names_stay_text_in_an_svg():
    evil = "</text><script>alert(1)</script>"
    domains = [made.cell(evil, change=-0.01)]
    hostile = ReportView.of(made.diagnosis(made.comparison(domains=domains)))
    for content in dict(figures(hostile, ("svg",))).values():
        tree = ElementTree.fromstring(content)
        assert not [one for one in tree.iter() if one.tag.endswith("script")]


def test_a_training_run_comes_in_every_format_too():
    found = dict(figures(behind_training.view(), ("svg",)))
    assert {"tradeoff.svg", "weights.svg", "dumbbell.svg", "blend.svg"} <= set(found)
    for content in found.values():
        assert not re.search(rb"(href|src)=\"(?!#)", content.replace(b"http://www.w3.org", b"#"))
