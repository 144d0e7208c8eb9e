"""Studies that an older version wrote."""

import os
import sqlite3

import pytest

from forgetscope.errors import StudyError
from forgetscope.records import FormatClass
from forgetscope.store import Study
from forgetscope.store.migration import prepare

KEY = {"model": "m", "engine": "e"}

FORMAT_1 = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE checkpoints (
    label TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    revision TEXT,
    step INTEGER,
    fingerprint TEXT NOT NULL,
    engine TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE engines (
    fingerprint TEXT PRIMARY KEY,
    description TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE tasks (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    record TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE items (
    id TEXT PRIMARY KEY,
    task TEXT NOT NULL,
    document_id INTEGER NOT NULL,
    prompt TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    gold TEXT NOT NULL,
    choices TEXT NOT NULL,
    chance REAL,
    cluster TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX items_by_task ON items (task, document_id, id);
CREATE TABLE requests (
    item TEXT NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (item, position)
) WITHOUT ROWID;
CREATE TABLE answers (
    model TEXT NOT NULL,
    engine TEXT NOT NULL,
    request TEXT NOT NULL,
    sample INTEGER NOT NULL,
    logprob REAL,
    is_greedy INTEGER,
    text TEXT,
    n_tokens INTEGER NOT NULL,
    stop_reason TEXT,
    n_truncated INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (model, engine, request, sample)
) WITHOUT ROWID;
CREATE TABLE scores (
    model TEXT NOT NULL,
    engine TEXT NOT NULL,
    item TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    value REAL,
    others TEXT NOT NULL,
    answer TEXT NOT NULL,
    extracted TEXT,
    is_truncated INTEGER NOT NULL,
    is_invalid INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (model, engine, item)
) WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT,
    provenance TEXT NOT NULL
);
PRAGMA user_version = 1;
"""

_TASK = (
    '{"name": "sums", "domain": "math", "role": "general", "metric": "exact_match", '
    '"filter": "strict", "partner": "exact_match,lenient", "chance": 0.0, '
    '"higher_is_better": true, "is_bounded": true, "output_type": "generate_until", '
    '"version": "1", "n_shots": 0, "fingerprint": "f"}'
)

# item, value, others, answer, is_truncated, is_invalid, error
_SCORES = (
    ("right", 1.0, '{"exact_match,lenient": 1.0}', "4", 0, 0, None),
    ("right but long", 1.0, "{}", "4 and so on", 1, 0, None),
    ("cut", 0.0, '{"exact_match,lenient": 0.5}', "well", 1, 0, None),
    ("unread", 0.0, '{"exact_match,lenient": null}', "dunno", 0, 1, None),
    ("empty", 0.0, "{}", " ", 0, 0, None),
    ("wrong", 0.0, "{}", "5", 0, 0, None),
    ("failed", None, "{}", "5", 0, 0, "the metric failed"),
)


@pytest.fixture
def old(tmp_path):
    """A study of format 1 with one checkpoint, as its own version left it."""
    folder = tmp_path / "old"
    folder.mkdir()
    with sqlite3.connect(folder / "study.sqlite") as connection:
        connection.executescript(FORMAT_1)
        connection.execute("INSERT INTO tasks VALUES ('sums', 0, ?)", (_TASK,))
        connection.execute(
            "INSERT INTO checkpoints VALUES ('base', 0, 'base', 'folder', NULL, 7, 'm', 'e')"
        )
        for number, (item, value, others, answer, truncated, invalid, error) in enumerate(_SCORES):
            connection.execute(
                "INSERT INTO items VALUES (?, 'sums', ?, '2+2=', 'p', '4', '[]', 0.0, ?)",
                (item, number, item),
            )
            connection.execute(
                "INSERT INTO scores VALUES ('m', 'e', ?, 'p', ?, ?, ?, NULL, ?, ?, ?)",
                (item, value, others, answer, truncated, invalid, error),
            )
        connection.execute(
            "INSERT INTO answers VALUES ('m', 'e', 'r', 0, NULL, NULL, '4', 1, 'stop', 0, NULL)"
        )
    connection.close()
    return folder


def _version(folder):
    connection = sqlite3.connect(folder / "study.sqlite")
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    connection.close()
    return version


def test_an_old_study_keeps_its_scores_and_answers(old):
    with Study(old) as study:
        answers = study.answers_of("base")
        scores = answers.scores([item for item, *_ in _SCORES])
        assert answers.answered() == {"r"}
    assert _version(old) == 2
    assert {item: score.answer for item, score in scores.items()} == {
        item: answer for item, _, _, answer, *_ in _SCORES
    }
    assert {score.sample_index for score in scores.values()} == {0}


def test_what_the_old_version_did_not_know_is_unknown_not_zero(old):
    with Study(old) as study:
        score = study.answers_of("base").scores(["wrong"])["wrong"]
    assert (score.form, score.n_tokens, score.likelihood, score.labels) == (None,) * 4


def test_a_column_of_an_old_study_has_the_forms_its_flags_tell(old):
    with Study(old) as study:
        (column,) = study.profile("base").columns
    forms = dict(zip(column.item_ids, column.form_I.tolist(), strict=True))
    codes = list(FormatClass)
    assert forms == {
        "right": -1,
        "right but long": -1,
        "cut": codes.index(FormatClass.TRUNCATED),
        "unread": codes.index(FormatClass.INVALID),
        "empty": codes.index(FormatClass.ERROR),
        "wrong": -1,
        "failed": codes.index(FormatClass.ERROR),
    }


def test_the_partner_reading_of_an_old_study_is_known_and_its_likelihoods_are_not(old):
    with Study(old) as study:
        (column,) = study.profile("base").columns
    partner = dict(zip(column.item_ids, column.evidence.partner_I.tolist(), strict=True))
    assert (partner["right"], partner["cut"]) == (1.0, 0.5)
    assert partner["unread"] != partner["unread"]
    for name in ("gold_bits_I", "gold_share_I", "brier_I", "tokens_I", "gold_label_I"):
        assert all(value != value for value in getattr(column.evidence, name).tolist()), name
    assert set(column.evidence.choice_I.tolist()) == {-1}


def test_scores_of_the_old_judge_count_as_open_so_that_they_are_made_anew(old):
    with Study(old) as study:
        assert study.answers(**KEY).scored() == set()


def test_opening_twice_migrates_once(old):
    Study(old).close()
    before = (old / "study.sqlite").stat().st_size
    with Study(old) as study:
        assert len(study.answers_of("base").scores([item for item, *_ in _SCORES])) == 7
    assert (old / "study.sqlite").stat().st_size == before


def test_a_migration_that_breaks_off_leaves_the_study_as_it_was(old, monkeypatch):
    from forgetscope.store import migration

    broken = (*migration.MIGRATIONS[1], "INSERT INTO no_such_table VALUES (1)")
    with monkeypatch.context() as patch:
        patch.setitem(migration.MIGRATIONS, 1, broken)
        with pytest.raises(StudyError, match="no_such_table"):
            Study(old)
    assert _version(old) == 1
    with Study(old) as study:
        assert len(study.profile("base").columns[0].item_ids) == 7


def test_an_old_study_that_cannot_be_written_to_is_one_clear_error(old):
    connection = sqlite3.connect(
        f"file:{old / 'study.sqlite'}?mode=ro", uri=True, isolation_level=None
    )
    with pytest.raises(StudyError, match="has format 1 and cannot be brought to format 2") as found:
        prepare(connection, old)
    connection.close()
    assert "write permission" in (found.value.hint or "")
    assert _version(old) == 1


def test_an_old_study_in_a_folder_that_is_read_only_is_that_same_error(old, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StudyError, match="has format 1 and cannot be brought to format 2"):
        Study(old)
    assert _version(old) == 1


def test_a_study_in_a_folder_that_is_read_only_can_be_read_and_not_written(old, monkeypatch):
    Study(old).close()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with Study(old) as study:
        assert [checkpoint.label for checkpoint in study.series()] == ["base"]
        assert len(study.profile("base").columns[0].item_ids) == 7
        with pytest.raises(StudyError, match="readonly"):
            study.set_meta("base", "base")
