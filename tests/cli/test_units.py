import pytest

from forgetscope.cli.units import counts, names, parse_margin, parse_switch, text_of
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
    assert f"write {float(text):g}pp" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["", "-0.02", "0", "nan", "inf", "two", "0pp", "100pp", "%"])
def test_what_is_no_margin_is_refused(text):
    with pytest.raises(UsageError):
        parse_margin(text)


def test_no_margin_is_none():
    assert parse_margin(None) is None


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "1e3", "many", "164,x", "²", "1" * 40])
def test_what_is_no_number_of_items_is_refused_by_its_option(text):
    with pytest.raises(UsageError, match="--items"):
        counts(text, option="--items")


def test_numbers_of_items_keep_their_order():
    assert counts("500, 164", option="--items") == (500, 164)
    assert counts(None, option="--items") == ()


def test_a_list_of_names_ignores_blanks():
    assert names(" a, b ,,c") == ("a", "b", "c")
    assert names(None) == ()


def test_a_switch_is_on_or_off_or_was_not_touched():
    found = [parse_switch(text, option="--thinking") for text in ("on", "OFF", None)]
    assert found == [True, False, None]
    with pytest.raises(UsageError, match="`--thinking maybe` is neither on nor off"):
        parse_switch("maybe", option="--thinking")


def test_a_text_may_lie_in_a_file(tmp_path):
    (tmp_path / "prompt.txt").write_text("Be brief.\n\n", encoding="utf-8")
    assert text_of(f"@{tmp_path / 'prompt.txt'}", option="--system") == "Be brief."
    assert text_of("Be brief.", option="--system") == "Be brief."
    assert text_of(None, option="--system") is None
    for text in (f"@{tmp_path / 'none'}", "@", " "):
        with pytest.raises(UsageError, match="--system"):
            text_of(text, option="--system")
