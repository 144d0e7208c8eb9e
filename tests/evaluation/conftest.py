import pytest

from tests.small_mirror import write_mirror


@pytest.fixture(scope="session")
def mirror(tmp_path_factory):
    return write_mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture(scope="session", autouse=True)
def _own_data_cache(tmp_path_factory):
    """Keep the data sets of the tests out of the person's cache."""
    import datasets

    old = datasets.config.HF_DATASETS_CACHE
    datasets.config.HF_DATASETS_CACHE = tmp_path_factory.mktemp("datasets")
    yield
    datasets.config.HF_DATASETS_CACHE = old
