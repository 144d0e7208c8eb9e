"""`--executor ray` as a person meets it: the same study, and Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import psutil
import pytest

from forgetscope.store import Study

needs_ray = pytest.mark.skipif(
    find_spec("ray") is None, reason="NOT TESTED: the extra `ray` is not installed"
)


def _command(run_folder, mirror, out, *more):
    return [
        *(sys.executable, "-m", "forgetscope", "eval"),
        *(str(run_folder / "base"), str(run_folder / "run" / "checkpoint-5")),
        *("--tasks=arc_easy,lambada_openai", f"--data-dir={mirror}", f"--out={out}"),
        *more,
    ]


def _answers(folder):
    with Study(folder) as study:
        return {
            (checkpoint.label, item): answers
            for checkpoint in study.series()
            for column in study.profile(checkpoint.label).columns
            for item, answers in study.answers_of(checkpoint.label).by_item(column.item_ids).items()
        }


def _workers(process):
    tree = psutil.Process(process.pid).children(recursive=True)
    return [p for p in tree if "ray::Worker.answer" in " ".join(p.cmdline())]


@needs_ray
@pytest.mark.slow
def test_ctrl_c_stores_a_batch_leaves_no_process_behind_and_the_same_command_goes_on(
    tmp_path, mirror, run_folder
):
    command = _command(run_folder, mirror, tmp_path / "s", "--executor=ray", "--workers=2")
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    while not _workers(process):
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)  # a terminal tells all of its processes
    out, err = process.communicate()
    assert (process.returncode, out) == (130, ""), err
    assert "stopping when this batch is stored" in err
    assert "--executor=ray" in err
    psutil.wait_procs(family)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "answers of `base` are kept" in done.stderr
    local = _command(run_folder, mirror, tmp_path / "local")
    assert subprocess.run(local, capture_output=True, check=False).returncode == 0
    assert _answers(tmp_path / "s") == _answers(tmp_path / "local")


def test_workers_without_a_cluster_are_refused_before_anything_is_made(tmp_path, call):
    code, out, err = call("eval", "anything", "--tasks=arc_easy", "--workers=2", "--out", tmp_path)
    assert (code, out) == (2, "")
    assert "--executor ray" in err
