import pytest

from forgetscope.cli.units import names, parse_margin
from forgetscope.errors import UsageError


@pytest.mark.parametrize(
    ("text", "share"), [("0.02", 0.02), ("2pp", 0.02), ("2 pp", 0.02), ("0.5PP", 0.005)]
)
def test_a_margin_is_a_share_or_points(text, share):
    assert parse_margin(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["2", "0.5", "5", "100"])
def test_a_bare_number_that_means_points_is_refused_with_the_right_spelling(text):
    with pytest.raises(UsageError) as caught:
        parse_margin(text)
    assert f"--margin {float(text):g}pp" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["", "-0.02", "0", "nan", "inf", "two", "0pp", "100pp", "%"])
def test_what_is_no_margin_is_refused(text):
    with pytest.raises(UsageError):
        parse_margin(text)


def test_a_list_of_names_ignores_blanks():
    assert names(" a, b ,,c") == ("a", "b", "c")
    assert names(None) == ()
