"""Trackers: TensorBoard as it is, the others too where installed, else by their signature.

The stand-ins below take what the packages document (wandb 0.31, trackio, mlflow 3.17). Where one
is installed, its own signature is held against that of the stand-in, and a run is made.
"""

import importlib
import inspect
import json
import math
import os
import sqlite3
import struct
import subprocess
import sys
import types
from importlib.util import find_spec
from pathlib import Path

import pytest

from forgetscope.errors import UnavailableError, UnknownNameError, UsageError
from forgetscope.interchange.trackers import Table, check_tracker, open_tracker, parse_tracker

SETTINGS = {"study": "study", "margin": 0.02}
TABLE = Table(
    name="forgetting/verdicts",
    columns=("domain", "change", "verdict"),
    rows=[("logic", -0.125, "FORGOT"), ("a|b`c", math.nan, "CANNOT MEASURE")],
)


def _log_all(address):
    tracker = open_tracker(address, name="study", settings=SETTINGS)
    tracker.log({"forgetting/logic/score": 0.5}, step=0)
    tracker.log({"forgetting/logic/score": 0.375, "forgetting/logic/verdict": -2.0}, step=10)
    tracker.table(TABLE)
    tracker.close()


def events(file):
    from tensorboardX.proto import event_pb2

    content, place = file.read_bytes(), 0
    while place < len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        yield event_pb2.Event.FromString(content[place + 12 : place + 12 + length])
        place += 12 + length + 4


def test_tensorboard_shows_every_number_at_its_step_and_the_table_as_text(tmp_path):
    _log_all(f"tensorboard:{tmp_path}/runs")
    _log_all(f"tensorboard:{tmp_path}/runs")  # logged again, it stands there once
    (file,) = (tmp_path / "runs" / "study").iterdir()
    found, texts = {}, {}
    for event in events(file):
        for value in event.summary.value:
            if value.HasField("simple_value"):
                found[value.tag, event.step] = value.simple_value
            else:
                texts[value.tag] = value.tensor.string_val[0].decode()
    assert found == {
        ("forgetting/logic/score", 0): 0.5,
        ("forgetting/logic/score", 10): 0.375,
        ("forgetting/logic/verdict", 10): -2.0,
    }
    (table,) = (text for tag, text in texts.items() if tag.startswith("forgetting/verdicts"))
    assert "| logic | -0.1250 | FORGOT |" in table
    assert "| a\\|b\\`c |  | CANNOT MEASURE |" in table


def test_what_another_program_logged_in_the_folder_stays(tmp_path):
    other = tmp_path / "study" / "events.out.tfevents.1.host"
    other.parent.mkdir()
    other.write_bytes(b"")
    _log_all(f"tensorboard:{tmp_path}")
    assert other.exists()


@pytest.mark.parametrize("text", ["tensorboard", "wandb:", "mlflow: "])
def test_an_address_without_a_place_is_told_what_to_write(text):
    with pytest.raises(UsageError, match="does not say where") as caught:
        parse_tracker(text)
    assert f"`{text.partition(':')[0]}:" in (caught.value.hint or "")


def test_an_unknown_tracker_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown tracker `wanbd`") as caught:
        parse_tracker("wanbd:project")
    assert caught.value.hint == "did you mean `wandb`?"


def test_a_place_may_hold_colons():
    assert parse_tracker("mlflow:http://localhost:5000").place == "http://localhost:5000"


def test_a_tracker_that_is_not_installed_is_told_with_its_extra(monkeypatch):
    monkeypatch.setattr("forgetscope.interchange.trackers.find.find_spec", lambda _: None)
    with pytest.raises(UnavailableError, match="needs wandb, which is not installed") as caught:
        check_tracker("wandb:project")
    assert caught.value.hint == "pip install 'forgetscope[wandb]'"


class _Run:
    """What `wandb.init` and `trackio.init` return."""

    def __init__(self):
        self.logged, self.is_finished = [], False

    def log(self, data, step=None):
        self.logged.append((data, step))

    def finish(self):
        self.is_finished = True


class _Table:
    def __init__(self, columns=None, data=None, dataframe=None):
        self.columns, self.data, self.dataframe = columns, data, dataframe


def _wandb(run):
    def init(entity=None, project=None, name=None, config=None, reinit=None):
        run.opened = (entity, project, name, config, reinit)
        return run

    return types.SimpleNamespace(init=init, Table=_Table)


def _trackio(run):
    def init(project, name=None, config=None, auto_log_gpu=None, auto_log_cpu=None):
        run.opened = (project, name, config, auto_log_gpu, auto_log_cpu)
        return run

    def finish():
        run.finish()

    return types.SimpleNamespace(init=init, Table=_Table, finish=finish)


class _Client:
    """What `mlflow.MlflowClient` is, as far as it is used."""

    last = None

    def __init__(self, tracking_uri=None):
        self.uri, self.batches, self.tables, self.is_finished = tracking_uri, [], [], False
        _Client.last = self

    def get_experiment_by_name(self, name):
        self.asked = name

    def create_experiment(self, name):
        return f"id of {name}"

    def create_run(self, experiment_id, run_name=None):
        self.opened = (experiment_id, run_name)
        return types.SimpleNamespace(info=types.SimpleNamespace(run_id="r1"))

    def log_batch(self, run_id, metrics=(), params=()):
        self.run = run_id
        self.batches.append(([*metrics], [*params]))

    def log_table(self, run_id, data, artifact_file):
        self.run = run_id
        self.tables.append((artifact_file, data))

    def set_terminated(self, run_id):
        self.is_finished = run_id == self.run


def _mlflow(_run):
    entity = types.SimpleNamespace(
        Metric=lambda key, value, timestamp, step: (key, value, step) if timestamp > 1e12 else None,
        Param=lambda key, value: (key, value),
    )
    module = types.ModuleType("mlflow")
    module.MlflowClient, module.entities = _Client, entity
    return module


@pytest.fixture
def stand_in(monkeypatch):
    """Put a stand-in in the place of a package, and forget our file that imported it."""

    def put(name, make):
        run, ours = _Run(), f"forgetscope.interchange.trackers.{name}"
        module = make(run)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None)
        monkeypatch.setitem(sys.modules, name, module)
        if name == "mlflow":
            monkeypatch.setitem(sys.modules, "mlflow.entities", module.entities)
        monkeypatch.delitem(sys.modules, ours, raising=False)
        monkeypatch.setattr("forgetscope.interchange.trackers.find.find_spec", lambda _: True)
        return run

    yield put
    for name in ("wandb", "trackio", "mlflow"):
        sys.modules.pop(f"forgetscope.interchange.trackers.{name}", None)


def test_wandb_gets_a_new_run_the_numbers_of_each_step_and_a_table(stand_in):
    run = stand_in("wandb", _wandb)
    _log_all("wandb:team/project")
    assert run.opened == ("team", "project", "study", SETTINGS, "create_new")
    assert [step for _, step in run.logged] == [0, 10, None]
    table = run.logged[-1][0]["forgetting/verdicts"]
    assert table.columns == [*TABLE.columns]
    assert table.data[1] == ["a|b`c", None, "CANNOT MEASURE"]
    assert run.is_finished


def test_trackio_gets_a_new_run_the_numbers_of_each_step_and_a_table(stand_in):
    run = stand_in("trackio", _trackio)
    _log_all("trackio:project")
    assert run.opened == ("project", "study", SETTINGS, False, False)
    assert [step for _, step in run.logged] == [0, 10, 10]
    frame = run.logged[-1][0]["forgetting/verdicts"].dataframe
    assert list(frame.columns) == [*TABLE.columns]
    assert run.is_finished


def test_mlflow_gets_a_run_of_its_own_experiment(stand_in):
    stand_in("mlflow", _mlflow)
    _log_all("mlflow:runs.db")
    client = _Client.last
    assert (client.uri, client.opened) == ("runs.db", ("id of forgetscope", "study"))
    (_, params), *metrics = client.batches
    assert params == [("study", "study"), ("margin", "0.02")]
    assert metrics[1][0] == [
        ("forgetting/logic/score", 0.375, 10),
        ("forgetting/logic/verdict", -2.0, 10),
    ]
    ((file, data),) = client.tables
    assert (file, data["change"]) == ("forgetting/verdicts.json", [-0.125, None])
    assert client.is_finished


@pytest.mark.parametrize("name", ["wandb", "trackio", "mlflow"])
def test_a_stand_in_takes_nothing_that_the_package_does_not_take(name):
    real = pytest.importorskip(name, reason=f"{name} is not installed")
    pairs = {
        "wandb": lambda: [
            (_wandb(None).init, real.init),
            (_Table, real.Table, {"dataframe"}),
            (_Run.log, real.Run.log),
            (_Run.finish, real.Run.finish),
        ],
        "trackio": lambda: [
            (_trackio(None).init, real.init),
            (_Table, real.Table),
            (_Run.log, real.Run.log, {"data"}),
            (_trackio(None).finish, real.finish),
        ],
        "mlflow": lambda: [
            (getattr(_Client, method), getattr(real.MlflowClient, method))
            for method in vars(_Client)
            if not method.startswith("_") and method != "last"
        ],
    }
    for ours, theirs, *other in pairs[name]():
        taken = set(inspect.signature(ours).parameters) - {"self"}
        assert taken - set(inspect.signature(theirs).parameters) <= (other[0] if other else set())


def _log_elsewhere(address, package, folder, **environment):
    """Log in a process of its own: packages read their settings when they are imported."""
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    program = (
        "import sys; from tests.interchange import test_trackers as t; t._log_all(sys.argv[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, address],
        env=os.environ
        | environment
        | {"PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_wandb_keeps_a_run_on_this_machine_where_it_is_offline(tmp_path):
    _log_elsewhere("wandb:project", "wandb", tmp_path, WANDB_MODE="offline")
    (file,) = tmp_path.rglob("*.wandb")
    assert b"forgetting/logic/score" in file.read_bytes()
    (table,) = tmp_path.rglob("verdicts*.table.json")
    assert json.loads(table.read_text())["columns"] == [*TABLE.columns]


def test_mlflow_keeps_a_run_in_a_folder(tmp_path):
    place = (tmp_path / "mlruns").as_uri()
    off = {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}
    _log_elsewhere(f"mlflow:{place}", "mlflow", tmp_path, **off)
    (metric,) = (tmp_path / "mlruns").glob("*/*/metrics/forgetting/logic/score")
    logged = [line.split() for line in metric.read_text().splitlines()]
    assert [(int(step), float(value)) for _, value, step in logged] == [(0, 0.5), (10, 0.375)]
    (table,) = tmp_path.rglob("verdicts.json")
    assert json.loads(table.read_text())["columns"] == [*TABLE.columns]


def test_trackio_keeps_a_run_in_its_folder(tmp_path):
    _log_elsewhere("trackio:project", "trackio", tmp_path, TRACKIO_DIR=str(tmp_path))
    with sqlite3.connect(tmp_path / "project.db") as database:
        rows = database.execute("select step, metrics from metrics order by id").fetchall()
    assert [step for step, _ in rows] == [0, 10, 10]
    assert json.loads(rows[1][1])["forgetting/logic/verdict"] == -2
