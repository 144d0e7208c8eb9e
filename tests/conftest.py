"""Fixtures that every room may use."""

import importlib
import os
import signal
import sys

import pytest
from hypothesis import settings

# a busy machine takes any time for anything: no test may fail because of a clock
settings.register_profile("searching", deadline=None)
# the same examples every time: what a new one finds is no fault of the change that is tested
settings.register_profile("forgetscope", deadline=None, derandomize=True)
settings.load_profile("forgetscope")

# models of a few thousand weights gain nothing from threads, and on a busy machine threads that
# wait for each other make them many times slower; read by torch when it is first imported
os.environ.setdefault("OMP_NUM_THREADS", "1")


# a shell that starts the tests in the background lets them, and what they start, ignore Ctrl-C
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_caches(tmp_path_factory):
    """Keep what the tests cache apart from what the person has."""
    import datasets

    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORGETSCOPE_CACHE", str(folder / "forgetscope"))
        patch.setenv("HF_DATASETS_CACHE", str(folder / "datasets"))
        patch.setattr(datasets.config, "HF_DATASETS_CACHE", folder / "datasets")
        yield


@pytest.fixture(scope="session")
def tuned_pair(tmp_path_factory):
    """A base of the testbed, and what a few steps on the target alone made of it."""
    from tests.tuned import save_base, save_tuned

    folder = tmp_path_factory.mktemp("tuned")
    base = save_base(folder)
    return base, save_tuned(base, folder / "tuned")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of packages, on the path; what was imported from it is forgotten afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    importlib.invalidate_caches()
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) in map(str, folder.glob("*.py")):
            del sys.modules[name]
