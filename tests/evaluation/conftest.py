import pytest

from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama


@pytest.fixture(scope="session")
def mirror(tmp_path_factory):
    return write_mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Two models that differ, under labels that tell their order."""
    folder = tmp_path_factory.mktemp("models")
    return [
        save_tiny_llama(folder / name, seed=seed, window=512)
        for seed, name in enumerate(["base", "checkpoint-10"])
    ]
