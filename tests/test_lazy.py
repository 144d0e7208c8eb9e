"""Names are loaded when they are asked for, and nobody looks for garbage meanwhile."""

import gc
import sys

import pytest

from forgetscope.lazy import loader, uncollected


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A module that notes how it was imported."""
    (tmp_path / "newcomer.py").write_text(
        "import gc\nwas_enabled = gc.isenabled()\nkept = [[number] for number in range(5)]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "newcomer"
    sys.modules.pop("newcomer", None)


def _is_old(thing):
    return any(each is thing for each in gc.get_objects(generation=2))


def test_a_name_is_loaded_without_a_search_and_its_objects_count_as_old(home):
    load = loader("room", {"was_enabled": home, "kept": home})
    assert home not in sys.modules
    assert load("was_enabled") is False
    assert gc.isenabled()
    assert _is_old(load("kept"))


def test_what_is_young_elsewhere_stays_young_when_a_module_is_there_already(home):
    load = loader("room", {"kept": home})
    load("kept")
    young = [[]]
    load("kept")
    assert not _is_old(young)


def test_an_unknown_name_is_an_attribute_error_that_names_the_room():
    with pytest.raises(AttributeError, match="module `room` has no attribute `other`"):
        loader("room", {})("other")


@pytest.mark.parametrize("comes_to_stay", [False, True])
def test_a_process_that_looks_for_no_cycles_goes_on_doing_so(comes_to_stay):
    gc.disable()
    try:
        with uncollected(comes_to_stay=comes_to_stay):
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_block_that_fails_leaves_the_search_on():
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_what_somebody_froze_stays_frozen():
    frozen = [[]]
    gc.freeze()
    try:
        with uncollected(comes_to_stay=True):
            pass
        assert not _is_old(frozen)
    finally:
        gc.unfreeze()
    assert _is_old(frozen)
