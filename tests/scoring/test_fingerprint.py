"""Fingerprints change with the weights, and with nothing that does not matter."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from forgetscope.scoring import resolve_series
from forgetscope.scoring.digests import file_digest
from forgetscope.store.files import cache_folder


def fingerprint(folder: Path) -> str:
    return resolve_series([str(folder)])[0].fingerprint


def change_one_weight(file: Path) -> None:
    weights = load_file(file)
    name = sorted(weights)[0]
    weights[name].flat[0] += 1
    save_file(weights, file, metadata={"format": "pt"})


def remembered() -> list[tuple[str, str]]:
    with sqlite3.connect(cache_folder() / "digests.sqlite") as database:
        return list(database.execute("SELECT path, sha256 FROM digest"))


def test_weights_overwritten_in_place_change_the_fingerprint(model):
    file = model / "model.safetensors"
    stat = file.stat()
    before = fingerprint(model)
    change_one_weight(file)
    # same size, and even the old time stamp: what a restoring copy leaves behind
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_size == stat.st_size
    assert fingerprint(model) != before


def test_a_remembered_digest_does_not_survive_new_content(tmp_path):
    file = tmp_path / "weights"
    file.write_bytes(b"a" * 100)
    stat = file.stat()
    file_digest(file, settle_seconds=0)
    assert remembered() == [(str(file), hashlib.sha256(b"a" * 100).hexdigest())]
    file.write_bytes(b"b" * 100)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file_digest(file) == hashlib.sha256(b"b" * 100).hexdigest()


def test_a_remembered_digest_is_used(tmp_path):
    file = tmp_path / "weights"
    file.write_bytes(b"a" * 100)
    file_digest(file, settle_seconds=0)
    with sqlite3.connect(cache_folder() / "digests.sqlite") as database:
        database.execute("UPDATE digest SET sha256 = 'known'")
    assert file_digest(file) == "known"


def test_a_file_that_has_just_changed_is_not_remembered(tmp_path):
    file = tmp_path / "weights"
    file.write_bytes(b"fresh")
    file_digest(file)
    assert remembered() == []


def test_an_unusable_cache_costs_time_only(tmp_path, monkeypatch):
    file = tmp_path / "weights"
    file.write_bytes(b"a")
    monkeypatch.setenv("FORGETSCOPE_CACHE", str(file / "below a file"))
    assert file_digest(file, settle_seconds=0) == hashlib.sha256(b"a").hexdigest()


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("FORGETSCOPE_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    monkeypatch.delenv("FORGETSCOPE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "forgetscope"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "forgetscope"


def test_a_copy_elsewhere_has_the_same_fingerprint(model, tmp_path):
    copy = shutil.copytree(model, tmp_path / "elsewhere" / "name")
    assert fingerprint(copy) == fingerprint(model)


@pytest.mark.parametrize("name", ["config.json", "generation_config.json"])
def test_a_configuration_that_changes_answers_changes_the_fingerprint(model, name):
    before = fingerprint(model)
    config = json.loads((model / name).read_text())
    (model / name).write_text(json.dumps({**config, "rope_theta": 5.0}))
    assert fingerprint(model) != before


def test_logs_and_optimiser_states_do_not_change_the_fingerprint(model):
    before = fingerprint(model)
    (model / "trainer_state.json").write_text("{}")
    (model / "optimizer.pt").write_bytes(b"state")
    assert fingerprint(model) == before


def test_models_of_different_seeds_differ(llama, bos_llama):
    assert fingerprint(llama) != fingerprint(bos_llama)
