import pytest

from forgetscope.cli.main import run
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama


@pytest.fixture(scope="session")
def mirror(tmp_path_factory):
    return write_mirror(tmp_path_factory.mktemp("mirror"), n_documents=24)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """A training output folder: a base and three checkpoints."""
    folder = tmp_path_factory.mktemp("models")
    save_tiny_llama(folder / "base", window=512)
    for seed, step in enumerate((5, 10, 100), start=1):
        save_tiny_llama(folder / "run" / f"checkpoint-{step}", seed=seed, window=512)
    return folder


@pytest.fixture(scope="session")
def study(tmp_path_factory, mirror, run_folder):
    """A study of a base and three checkpoints on five domains."""
    folder = tmp_path_factory.mktemp("study") / "study"
    suite = folder.parent / "suite.toml"
    tasks = ("arc_easy", "hellaswag", "lambada_openai", "blimp_causative")
    suite.write_text(
        'target = "math"\n'
        + "".join(f'[[task]]\nname = "{name}"\n' for name in tasks)
        + '[[task]]\nname = "gsm8k"\nmax_new_tokens = 4\nlimit = 12\n'
    )
    code = run(
        [
            "eval",
            str(run_folder / "base"),
            str(run_folder / "run"),
            f"--suite={suite}",
            f"--data-dir={mirror}",
            f"--out={folder}",
        ]
    )
    assert code == 0
    return folder


@pytest.fixture
def call(capsys):
    """Run a command and return its exit code, stdout and stderr."""

    def call_it(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call_it
