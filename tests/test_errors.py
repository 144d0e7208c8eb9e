import inspect

import pytest

from forgetscope import errors
from forgetscope.errors import ForgetscopeError, UnknownNameError, nearest

KINDS = [getattr(errors, name) for name in errors.__all__ if inspect.isclass(getattr(errors, name))]


def test_the_exit_codes_are_a_contract():
    codes = {kind.__name__: kind.exit_code for kind in KINDS}
    assert codes == {
        "CheckpointError": 4,
        "DataError": 4,
        "EngineError": 4,
        "ForgetscopeError": 3,
        "LogError": 4,
        "NoNumbersError": 4,
        "PairingError": 2,
        "PluginError": 4,
        "StudyError": 4,
        "TrainingError": 4,
        "UnavailableError": 4,
        "UnknownNameError": 2,
        "UsageError": 2,
    }


def test_no_error_exits_with_what_the_gate_says():
    assert not {kind.exit_code for kind in KINDS} & {0, 1, 5}


@pytest.mark.parametrize("kind", [k for k in KINDS if k is not UnknownNameError])
def test_an_error_keeps_its_message_and_its_hint_apart(kind):
    error = kind("what happened", hint="what to do")
    assert isinstance(error, ForgetscopeError)
    assert (str(error), error.message, error.hint) == ("what happened",) * 2 + ("what to do",)


def test_an_unknown_name_offers_the_nearest_ones():
    error = UnknownNameError("task", "hellaswga", known=["hellaswag", "winogrande"])
    assert error.message == "unknown task `hellaswga`"
    assert error.hint == "did you mean `hellaswag`?"


def test_where_nothing_is_near_a_short_list_is_shown_and_a_long_one_is_not():
    short = UnknownNameError("suite", "zzz", known=["b", "a"])
    long = UnknownNameError("suite", "zzz", known=[f"name-{i}" for i in range(100)])
    assert short.hint == "known: a, b"
    assert long.hint is None


def test_nearest_never_offers_more_than_asked_for():
    assert len(nearest("name-1", [f"name-{i}" for i in range(20)], limit=2)) == 2
    assert nearest("x", []) == ()
