"""Several studies in one page, from what lies on disk."""

import shutil

import pytest

import forgetscope
from forgetscope.api.several import view
from forgetscope.api.shared_items import n_items, shared
from forgetscope.errors import UsageError
from forgetscope.store import Study
from forgetscope.store.training import training_json
from tests.report.behind_training import training
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama

TASKS = ["blimp_causative", "arc_easy"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Three studies: two of one suite, of which the second knows its method; one of half of it;
    and a base alone."""
    root = tmp_path_factory.mktemp("several")
    mirror = write_mirror(root / "mirror", n_documents=24)
    models = {name: str(save_tiny_llama(root / name, seed=i)) for i, name in enumerate("abcd")}
    asked = {"tasks": TASKS, "target": "language", "data_dir": mirror}
    parts = {"one": "ab", "two": "ac", "half": "ad", "alone": "a"}
    for name, labels in parts.items():
        series = [models[label] for label in labels]
        limit = {"limit": 12} if name == "half" else {}
        with forgetscope.evaluate(series, out=root / name / "study", **limit, **asked) as study:
            assert study.labels == tuple(labels)
    with Study(root / "two" / "study") as study:
        study.set_meta("training", training_json(training()))
    return {name: root / name / "study" for name in parts}


def test_studies_are_called_by_what_is_given_else_by_method_else_by_folder(folders):
    found = view([f"first={folders['one']}", str(folders["two"]), str(folders["half"])])
    assert [column.run.name for column in found.columns] == ["first", "RECAP", "half"]


def test_the_numbers_are_those_of_each_study_and_of_their_difference(folders):
    found = view([str(folders["one"]), str(folders["two"])])
    with forgetscope.Study(folders["two"]) as study:
        cells = {cell.name: cell for cell in study.diagnose().comparisons[-1].domains}
    rows = [row for group in found.groups for row in group.rows]
    for row in rows:
        cell = cells[row.label.lower()]
        assert row.cells[1].mark.word == str(cell.verdict)
    difference = forgetscope.diff(str(folders["one"]), str(folders["two"]))
    told = {row.label: row.cells[0].entry.text for row in found.versus.rows}
    for row in difference.ledger.rows:
        assert told[row.label] == (row.change if row.is_drawn else "")


def test_what_is_not_alike_is_said(folders):
    found = view([str(folders["one"]), str(folders["half"])])
    assert "half and one share 24 of 48 items; their difference is that of the shared ones" in (
        found.warnings
    )
    suites = next(row for row in found.settings if row.name == "Base weights")
    assert not suites.differs


def test_only_items_that_both_were_asked_are_compared(folders):
    with forgetscope.Study(folders["one"]) as one, forgetscope.Study(folders["half"]) as half:
        first, other = one.side().profile(), half.side().profile()
        pair = shared(first, other)
        assert [n_items(profile) for profile in (first, other, *pair)] == [48, 24, 24, 24]
        for left, right in zip(pair[0].columns, other.columns, strict=True):
            assert set(left.item_ids) == set(right.item_ids)
            value = dict(zip(left.item_ids, left.value_I.tolist(), strict=True))
            whole = next(c for c in first.columns if c.task.name == left.task.name)
            known = dict(zip(whole.item_ids, whole.value_I.tolist(), strict=True))
            assert all(known[item_id] == score for item_id, score in value.items())


def test_page_and_markdown_are_written_alike_each_time(folders, tmp_path):
    studies = [str(folders["one"]), str(folders["two"])]
    for name in ("x", "y"):
        view(studies, out=tmp_path / name, command="forgetscope view")
    pictures = {f"figures/{path.name}" for path in (tmp_path / "x" / "figures").iterdir()}
    assert pictures == {"figures/tradeoff.png", "figures/dumbbell.png"}
    for name in ("view.html", "view.md", *pictures):
        assert (tmp_path / "x" / name).read_bytes() == (tmp_path / "y" / name).read_bytes()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["one"], "nothing to compare"),
        (["one", "one"], "two studies are called `one`"),
    ],
)
def test_what_cannot_be_set_side_by_side_is_refused(folders, names, words):
    with pytest.raises(UsageError, match=words):
        view([str(folders[name]) for name in names])


def test_a_base_alone_is_refused(folders):
    with pytest.raises(UsageError, match="holds a base alone"):
        view([str(folders["two"]), str(folders["alone"])])


def test_a_folder_with_an_equals_sign_is_a_folder(folders, tmp_path):
    copy = tmp_path / "a=b"
    shutil.copytree(folders["one"], copy)
    found = view([str(copy), str(folders["two"])])
    assert found.columns[0].run.name == "a=b"
