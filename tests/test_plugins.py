"""What other packages add: found by name, loaded when asked for, and told by name when broken."""

import json
import re
import sys
from pathlib import Path

import pytest

from forgetscope.errors import PluginError, UnknownNameError
from forgetscope.plugins import PluginKind, called, load_plugin, plugin_names
from tests import acme

SUITES = "forgetscope.suites"


def test_the_package_of_the_page_offers_a_name_of_each_kind_and_every_example_is_short(site):
    acme.install_documented(site)
    names = {kind: plugin_names(kind) for kind in PluginKind}
    assert names == {
        PluginKind.ENGINE: ("acme",),
        PluginKind.REWARD: ("brief",),
        PluginKind.SUITE: ("acme-small",),
        PluginKind.EXPORTER: ("verdicts",),
    }
    assert "acme" not in sys.modules, "names are read without loading anything"
    assert max(len(block.strip().splitlines()) for block in acme.blocks("python")) <= 14


def test_a_name_that_nobody_offers_is_answered_with_the_nearest(site):
    acme.install_documented(site)
    with pytest.raises(UnknownNameError, match="unknown suite `acme-smal`") as caught:
        load_plugin(PluginKind.SUITE, "acme-smal")
    assert caught.value.hint == "did you mean `acme-small`?"


@pytest.mark.parametrize(
    ("code", "point", "said"),
    [
        ("import nothing_of_that_name", "broken:suite", "ModuleNotFoundError"),
        ("1 / 0", "broken:suite", "ZeroDivisionError: division by zero"),
        ("", "broken:suite", "AttributeError"),
        ("suite = 3", "broken:suite", "is no function but int"),
        ("raise SystemExit", "not a module", "cannot be loaded"),
    ],
)
def test_a_plugin_that_cannot_be_loaded_is_told_with_its_package(site, code, point, said):
    acme.install(site, {SUITES: {"bad": point}}, code=code, module="broken", name="bad-pack")
    with pytest.raises(PluginError) as caught:
        load_plugin(PluginKind.SUITE, "bad")
    assert "the suite `bad` of `bad-pack 1.2`" in caught.value.message
    assert said in caught.value.message
    assert caught.value.hint


def test_a_plugin_that_fails_is_told_with_its_package(site):
    code = "def suite():\n    raise KeyError('x\\nsecond line')\n"
    acme.install(site, {SUITES: {"bad": "broken:suite"}}, code=code, module="broken")
    plugin = load_plugin(PluginKind.SUITE, "bad")
    with pytest.raises(PluginError, match=r"`bad` of `acme-forgetscope 1\.2` failed: KeyError"):
        called(plugin)


def test_a_name_that_two_packages_offer_is_given_to_neither(site):
    for name, module in (("first", "one"), ("second", "two")):
        points = {SUITES: {"same": f"{module}:suite"}}
        acme.install(site, points, code="def suite(): return {}", name=name, module=module)
    with pytest.raises(PluginError, match="both offer the suite `same`") as caught:
        load_plugin(PluginKind.SUITE, "same")
    assert "first 1.2" in caught.value.message
    assert "second 1.2" in caught.value.message


def test_a_suite_of_a_plugin_is_the_suite_of_a_file_with_its_content(site):
    from forgetscope.cli.complete import complete_suite
    from forgetscope.suites import load_suite

    acme.install_documented(site)
    suite = load_suite("acme-small")
    assert suite.name == "acme-small"
    assert suite.target == "math"
    assert [(choice.name, choice.limit) for choice in suite.choices] == [
        ("arc_easy", 100),
        ("lambada_openai", 100),
    ]
    assert "acme-small" in complete_suite("acm")


def test_what_is_wrong_in_the_suite_of_a_plugin_names_the_package(site):
    from forgetscope.errors import UsageError
    from forgetscope.suites import load_suite

    code = "def suite(): return {'taks': []}\ndef other(): return []\n"
    points = {"typo": "broken:suite", "list": "broken:other"}
    acme.install(site, {SUITES: points}, code=code, module="broken")
    with pytest.raises(UsageError, match=r"unknown key `taks` in `typo of acme-forgetscope 1\.2`"):
        load_suite("typo")
    with pytest.raises(UsageError, match="is no mapping but list"):
        load_suite("list")


def test_a_reward_of_a_plugin_is_checked_as_any_other(site):
    from forgetscope.errors import TrainingError, UsageError
    from forgetscope.recap.rewards import check_reward_name, find_reward
    from forgetscope.records import Lesson

    acme.install_documented(site)
    code = "def large(completion, lesson): return 7\ndef alone(completion): return 1\n"
    points = {"large": "others:large", "alone": "others:alone"}
    acme.install(site, {"forgetscope.rewards": points}, code=code, name="b", module="others")
    lesson = Lesson(prompt="2 + 2 =", gold="4")
    assert find_reward("brief")(" 4", lesson) == 1.0
    assert find_reward("brief")("5", lesson) == 0.0
    with pytest.raises(TrainingError, match="`large` returned `7`"):
        find_reward("large")("4", lesson)
    with pytest.raises(UsageError, match="`alone` does not take two arguments"):
        find_reward("alone")
    with pytest.raises(UnknownNameError) as caught:
        check_reward_name("brif")
    assert caught.value.hint == "did you mean `brief`?"


def test_a_source_is_rewarded_by_a_plugin_as_the_page_writes_it(site, tmp_path, monkeypatch):
    from forgetscope.recap.sources import load_source

    acme.install_documented(site)
    monkeypatch.chdir(tmp_path)
    rows = [json.dumps({"prompt": f"{n} + 1 =", "answer": str(n + 1)}) for n in range(4)]
    Path("sums.jsonl").write_text("\n".join(rows))
    (source,) = re.findall(r'--reasoning "(.*?)"', acme.PAGE)
    material = load_source(source, seed=0, n_held_out=0)
    (lesson, *_) = material.lessons
    assert material.rewards["brief"](lesson.gold, lesson) == 1.0
