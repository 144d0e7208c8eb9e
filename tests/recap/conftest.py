from __future__ import annotations

from pathlib import Path

import pytest

from tests.recap.small_run import small_base


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_base(tmp_path_factory.mktemp("base"))
