"""Fixtures that every room may use."""

import pytest


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
