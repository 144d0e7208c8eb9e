from forgetscope.records import Role, Verdict
from forgetscope.report.sparks import MOST, sparks
from tests.report.made import NAN, cell, comparison


def _series(*changes, **others):
    return [
        comparison(f"step-{place}", domains=[cell("logic", change=change, **others)])
        for place, change in enumerate(changes)
    ]


def test_a_series_of_one_has_no_way():
    assert sparks(_series(-0.1)) == ()


def test_lower_is_worse_and_the_base_stands_first_in_the_middle():
    (spark,) = sparks(_series(-0.1, 0.0, 0.1))
    assert spark.text == "▅▁▅█"


def test_one_scale_serves_all_domains_so_that_a_flat_one_looks_flat():
    series = [
        comparison(name, domains=[cell("logic", change=loss), cell("code", change=0.002)])
        for name, loss in (("a", -0.1), ("b", -0.2))
    ]
    by_name = {spark.name: spark.text for spark in sparks(series)}
    assert by_name["code"] == "▅▅▅"
    assert by_name["logic"] == "▅▃▁"


def test_the_gain_of_a_target_does_not_flatten_a_loss():
    series = [
        comparison(
            name, domains=[cell("logic", change=-0.1), cell("math", change=0.6, role=Role.TARGET)]
        )
        for name in ("a", "b")
    ]
    by_name = {spark.name: spark.text for spark in sparks(series)}
    assert by_name == {"logic": "▅▁▁", "math": "▅██"}


def test_ascii_is_the_row_of_verdicts():
    (spark,) = sparks(_series(-0.1, -0.2, verdict=Verdict.FORGOT))
    assert spark.ascii == ".vv"
    assert spark.tones == ("ink3", "loss", "loss")


def test_what_was_not_measured_has_no_height():
    (spark,) = sparks(_series(NAN, NAN, verdict=Verdict.CANNOT_MEASURE))
    assert spark.text == "▅··"


def test_a_long_series_is_thinned_and_ends_at_its_last_checkpoint():
    changes = [0.0] * 99 + [-0.1]
    (spark,) = sparks(_series(*changes))
    assert len(spark.text) == len(spark.ascii) == len(spark.tones) == MOST + 1
    assert spark.text[-1] == "▁"
