"""Asking each domain only until its verdict is proved."""

import shutil

import pytest
from safetensors.torch import load_file, save_file

from forgetscope.api.own_tasks import own_tasks
from forgetscope.diagnosis import compare
from forgetscope.errors import NoNumbersError, UsageError
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.evaluation.blocks import queues
from forgetscope.records import Policy, Verdict, no_progress
from forgetscope.scoring import EngineConfig, resolve_series
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice

MARGIN = 0.05
TASKS = ("testbed_reading", "testbed_safety", "testbed_math")
SUITE = Suite(name="test", choices=tuple(TaskChoice(name=n, limit=500) for n in TASKS))
OWN = own_tasks(SUITE)


def _evaluate(folder, sources, *, until=MARGIN, progress=no_progress, **changes):
    options = EvaluationOptions(
        own=OWN, until_margin=until, engine=EngineConfig(dtype="float32"), **changes
    )
    with Study(folder, create=True) as study:
        series = resolve_series([str(source) for source in sources])
        opened = open_suite(SUITE, options=options)
        return evaluate_series(series, opened, study, options=options, progress=progress)


def _known(folder):
    """Every score, and how far each checkpoint was asked."""
    with Study(folder) as study:
        profiles = [study.profile(checkpoint.label) for checkpoint in study.series()]
    return {
        profile.label: (
            profile.looks,
            [(c.item_ids, c.value_I.tolist()) for c in profile.columns],
        )
        for profile in profiles
    }


def _cells(folder, label):
    with Study(folder) as study:
        profiles = [study.profile(name) for name in ("base", label)]
    found = compare(*profiles, policy=Policy(margin=MARGIN))
    return {cell.name: cell for cell in found.domains}


@pytest.fixture(scope="module")
def models(tuned_pair, tmp_path_factory):
    """A base, weights that differ from it by next to nothing, and what forgot reading."""
    base, tuned = tuned_pair
    folder = tmp_path_factory.mktemp("series")
    for source, name in ((base, "base"), (base, "twin"), (tuned, "tuned")):
        shutil.copytree(source, folder / name)
    weights = load_file(folder / "twin" / "model.safetensors")
    weights = {name: weight * (1 + 1e-7) for name, weight in weights.items()}
    save_file(weights, folder / "twin" / "model.safetensors", metadata={"format": "pt"})
    return {name: folder / name for name in ("base", "twin", "tuned")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("until") / "study"


@pytest.fixture(scope="module")
def summary(models, folder):
    return _evaluate(folder, [models["base"], models["tuned"]])


def test_a_domain_is_asked_no_further_than_to_its_verdict(summary, folder):
    cells = _cells(folder, "tuned")
    reading = cells["reading"]
    assert reading.verdict is Verdict.FORGOT
    assert (reading.n, reading.stopped_of) == (50, 500), "the first block tells"
    for cell in cells.values():
        is_decided = cell.verdict in (Verdict.FORGOT, Verdict.HELD, Verdict.GAINED)
        assert is_decided or cell.n == 500
        assert (cell.stopped_of is None) == (cell.n == 500)
    (note,) = [note for note in summary.notes if "asked" in note]
    assert "reading FORGOT after 50 of 500" in note


@pytest.mark.usefixtures("summary")
def test_the_base_answers_no_more_than_somebody_needed(folder):
    looks = {look.domain: look for look in _known(folder)["base"][0]}
    tuned = {look.domain: look for look in _known(folder)["tuned"][0]}
    assert all(looks[name].share >= look.share for name, look in tuned.items())
    assert looks["reading"].n < 500


def test_the_same_command_again_asks_nothing(summary, models, folder):
    before = _known(folder)
    again = _evaluate(folder, [models["base"], models["tuned"]])
    assert (again.computed, again.kept) == (0, summary.computed + summary.kept)
    assert again.notes[:1] == summary.notes[:1]
    assert _known(folder) == before


def test_a_broken_checkpoint_costs_no_other_its_verdict(models, tmp_path):
    broken = shutil.copytree(models["twin"], tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    name = next(iter(weights))
    weights[name].fill_(float("nan"))
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    study = tmp_path / "study"
    with pytest.raises(NoNumbersError, match="`broken` answers no numbers") as error:
        _evaluate(study, [models["base"], broken, models["tuned"]])
    assert "the other checkpoints were evaluated" in error.value.hint
    assert _cells(study, "tuned")["reading"].verdict is Verdict.FORGOT
    assert "broken" not in _known(study)


def test_a_broken_base_is_told_once(models, tmp_path):
    broken = shutil.copytree(models["base"], tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights[next(iter(weights))].fill_(float("nan"))
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(NoNumbersError) as error:
        _evaluate(tmp_path / "study", [broken, models["twin"], models["tuned"]])
    assert error.value.message.count("`broken`") == 1
    assert "the other checkpoints" not in (error.value.hint or "")


class _KilledError(Exception):
    """Stands for whatever ends a process."""


@pytest.mark.usefixtures("summary")
@pytest.mark.parametrize("n_messages", [3, 8])
def test_a_run_that_was_killed_goes_on_with_the_same_digits(models, folder, tmp_path, n_messages):
    count = 0

    def die(*_, **__):
        nonlocal count
        count += 1
        if count >= n_messages:
            raise _KilledError

    series = [models["base"], models["tuned"]]
    with pytest.raises(_KilledError):
        _evaluate(tmp_path / "s", series, progress=die)
    rest = _evaluate(tmp_path / "s", series)
    assert rest.computed > 0
    assert _known(tmp_path / "s") == _known(folder)


def test_what_did_not_change_is_held_before_the_end(models, tmp_path):
    _evaluate(tmp_path / "s", [models["base"], models["twin"]])
    cells = _cells(tmp_path / "s", "twin")
    assert cells["reading"].verdict is Verdict.HELD
    assert cells["reading"].n < 500
    assert all(cell.lost == cell.gained == 0 for cell in cells.values())


def test_whoever_asks_for_everything_gets_it_and_the_watch_stays_noted(models, tmp_path):
    series = [models["base"], models["tuned"]]
    _evaluate(tmp_path / "s", series)
    _evaluate(tmp_path / "s", series, until=None)
    found = _known(tmp_path / "s")
    assert all(len(ids) == 500 for _, columns in found.values() for ids, _ in columns)
    assert all(look.is_whole and look.n == 500 for look in found["tuned"][0])
    assert _cells(tmp_path / "s", "tuned")["reading"].stopped_of is None


def test_a_base_that_had_answered_everything_is_asked_nothing_and_need_not_be_named(
    models, tmp_path
):
    base = shutil.copytree(models["base"], tmp_path / "base")
    _evaluate(tmp_path / "s", [base], until=None)
    shutil.rmtree(base)
    _evaluate(tmp_path / "s", [models["tuned"]])
    found = _known(tmp_path / "s")
    assert found["base"][0] == ()
    assert {look.domain for look in found["tuned"][0] if not look.is_whole} >= {"reading"}


def test_a_smaller_margin_goes_on_where_the_larger_one_stopped(models, tmp_path):
    series = [models["base"], models["twin"]]
    _evaluate(tmp_path / "s", series)
    wide = {look.domain: look.n for look in _known(tmp_path / "s")["twin"][0]}
    _evaluate(tmp_path / "s", series, until=0.03)
    narrow = {look.domain: look.n for look in _known(tmp_path / "s")["twin"][0]}
    assert narrow["reading"] > wide["reading"]
    _evaluate(tmp_path / "s", series)
    kept = {look.domain: look.n for look in _known(tmp_path / "s")["twin"][0]}
    assert kept == narrow, "what was answered stays in use"


@pytest.mark.usefixtures("summary")
def test_what_cannot_be_watched_is_refused(models, folder, tmp_path):
    with pytest.raises(UsageError, match="beside the base"):
        _evaluate(tmp_path / "s", [models["base"]])
    with pytest.raises(UsageError, match="may have to answer more"):
        _evaluate(folder, [models["tuned"]], base="base")
    for changes in ({"repeats": 2}, {"rerun": True}, {"recover": True}):
        with pytest.raises(UsageError, match="asked once"):
            _evaluate(tmp_path / "s", list(models.values()), **changes)


def test_blocks_share_the_items_among_them_in_the_order_of_the_seed():
    suite = Suite(name="s", choices=tuple(TaskChoice(name=n) for n in TASKS[:1]))
    options = EvaluationOptions(own=OWN)
    (queue,) = queues(open_suite(suite, options=options).builder.built(), seed=4)
    parts = [queue.parts(block) for block in queue.blocks]
    sizes = [sum(len(each.items) for each in part) for part in parts]
    ids = [item.id for part in parts for each in part for item in each.items]
    assert sorted(ids) == sorted(item.id for each in queue.built for item in each.items)
    assert [block.n_so_far for block in queue.blocks] == [
        sum(sizes[: k + 1]) for k in range(len(sizes))
    ]
    assert sizes[0] == 50
    assert all(size >= 50 for size in sizes[:-1])
    assert [block.high for block in queue.blocks[:-1]] == [b.low for b in queue.blocks[1:]]
    clusters = [{i.cluster for each in part for i in each.items} for part in parts]
    assert sum(map(len, clusters)) == len(set().union(*clusters)), "no cluster is cut"


def test_the_outlook_counts_open_domains_and_never_passes_the_whole(models, tmp_path):
    told = []

    def progress(stage, done, total, /, note="", standing=None):
        del standing
        if stage.startswith("tuned"):
            told.append((done, total, note))

    _evaluate(tmp_path / "s", [models["base"], models["tuned"]], progress=progress)
    assert all(done <= total for done, total, _ in told)
    assert told[-1][0] == told[-1][1]
    totals = [total for _, total, _ in told]
    assert totals == sorted(totals, reverse=True)
    notes = {note for *_, note in told}
    assert "3 of 3 domains open" in notes
    assert "reading FORGOT" in notes
