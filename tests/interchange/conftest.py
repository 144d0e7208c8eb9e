import pytest

from forgetscope.api import import_logs
from tests.interchange.made_logs import choices, write_lm_eval, written


@pytest.fixture(scope="session")
def imported(tmp_path_factory):
    """A study of three logs: a base and two checkpoints that lose knowledge and gain math."""
    folder = tmp_path_factory.mktemp("imported")
    right = {"base": (44, 4), "step-10": (40, 20), "step-20": (6, 40)}
    for name, (known, solved) in right.items():
        rows = {"arc_easy": choices(known), "gsm8k": written(solved)}
        write_lm_eval(folder / "logs" / name, rows)
    import_logs([str(folder / "logs")], folder / "study")
    return folder / "study"
