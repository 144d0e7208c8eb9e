"""The trials are those of the benchmark: what its table reports and what is tested is one thing."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """Two models, data for three tasks, and the commands on them."""
    from crashes.child import prepare
    from crashes.world import make_world

    prepare()
    return make_world(tmp_path_factory.mktemp("world"), n_documents=8)


@pytest.fixture(scope="session")
def references(world):
    """What the commands leave behind that nobody kills."""
    from crashes.trials import make_references

    return make_references(world, warm=False)


@pytest.fixture
def study(references, tmp_path):
    """A copy of a finished study, to be harmed."""
    import shutil

    return Path(shutil.copytree(references.study, tmp_path / "study"))


@pytest.fixture
def call(capsys):
    """Run a command and return its exit code, stdout and stderr."""
    from forgetscope.cli.main import run

    def call_it(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call_it
