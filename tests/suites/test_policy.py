"""Policy files: what they say arrives, and every mistake is one error with file and key."""

import contextlib
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forgetscope.errors import UsageError
from forgetscope.records import DomainPolicy, Policy, Role
from forgetscope.suites import (
    DOMAINS,
    PolicyFile,
    check_tasks,
    load_policy,
    parse_margin,
)
from forgetscope.suites.policy import TIERS
from tests.strategies import task

WHOLE = """
margin = "2.5pp"
alpha = 0.1
require = "held"
[domains.knowledge]
margin = 0.03
tier = "watch"
weights = "tasks"
[domains.reading]
tier = "gate"
weights = { race = 2, lambada_openai = 0.5 }
"""


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "policy.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(path):
    with pytest.raises(UsageError) as caught:
        load_policy(path)
    return caught.value


def test_every_key_of_a_policy_file_arrives(written):
    found = load_policy(written(WHOLE))
    assert found.require == "held"
    assert found.policy == Policy(
        margin=0.025,
        alpha=0.1,
        domains={
            "knowledge": DomainPolicy(margin=0.03, role=Role.WATCH, weights="tasks"),
            "reading": DomainPolicy(
                role=Role.GENERAL, weights={"race": 2.0, "lambada_openai": 0.5}
            ),
        },
    )
    assert found.policy.margin_of("knowledge") == 0.03
    assert found.policy.margin_of("reading") == 0.025


@pytest.mark.parametrize("content", ["", "# nothing\n", "[domains]\n", "\ufeff", "[domains.math]"])
def test_what_is_left_out_is_as_without_a_policy(content, written):
    found = load_policy(written(content))
    assert found.require is None
    assert (found.policy.margin, found.policy.alpha) == (Policy().margin, Policy().alpha)
    assert found.policy.of("math") == DomainPolicy()


@pytest.mark.parametrize(("word", "role"), [*TIERS.items()])
def test_a_tier_is_a_role(word, role, written):
    found = load_policy(written(f'[domains.safety]\ntier = "{word}"\n'))
    assert found.policy.of("safety").role is role


@pytest.mark.parametrize(
    ("content", "key", "hint"),
    [
        ("margn = 0.02", "margn", "`margin`"),
        ("nonsense = 1", "nonsense", "margin, alpha, require, domains"),
        ("[domain.math]", "domain", "`domains`"),
        ("[domains.knowlege]", "domains.knowlege", "`knowledge`"),
        ("[domains.math]\nteir = 'gate'", "domains.math.teir", "`tier`"),
        ("[domains.math]\nmargin = 2", "domains.math.margin", '"2pp"'),
        ("[domains.math]\nmargin = '2'", "domains.math.margin", "write 2pp"),
        ("[domains.math]\nmargin = '200pp'", "domains.math.margin", "2pp"),
        ("[domains.math]\ntier = 'gaet'", "domains.math.tier", "`gate`"),
        ("[domains.math]\ntier = 3", "domains.math.tier", "gate, watch, target"),
        ("[domains.math]\nweights = 'task'", "domains.math.weights", "`tasks`"),
        ("[domains.math]\nweights = 1.0", "domains.math.weights", "items"),
        ("[domains.math]\nweights = {}", "domains.math.weights", "leave it out"),
        ("[domains.math]\nweights = { a = 0 }", "domains.math.weights.a", "above 0"),
        ("[domains.math]\nweights = { a = -1.0 }", "domains.math.weights.a", "above 0"),
        ("[domains.math]\nweights = { a = nan }", "domains.math.weights.a", "above 0"),
        ("[domains.math]\nweights = { a = true }", "domains.math.weights.a", "above 0"),
        ("[domains.math]\nweights = { a = '2' }", "domains.math.weights.a", "above 0"),
        ("[[domains]]\nname = 'math'", "domains", "[domains.NAME]"),
        ("domains = { math = 0.02 }", "domains.math", "[domains.math]"),
        ("margin = 2", "margin", "2pp"),
        ("margin = 0.5", "margin", "0.5pp"),
        ("margin = 0", "margin", "0.02"),
        ("margin = -0.02", "margin", "0.02"),
        ("margin = inf", "margin", "0.02"),
        ("margin = true", "margin", "0.02"),
        ("margin = [0.02]", "margin", "0.02"),
        ("margin = 'two'", "margin", "0.02"),
        ("alpha = 0.5", "alpha", "0.05"),
        ("alpha = 0", "alpha", "0.05"),
        ("alpha = nan", "alpha", "0.05"),
        ("alpha = '5%'", "alpha", "0.05"),
        ("require = 'hold'", "require", "`held`"),
        ("require = ['held']", "require", "not-forgot, held"),
    ],
)
def test_a_mistake_is_one_error_that_names_file_and_key(content, key, hint, written):
    path = written(content)
    error = refusal(path)
    assert str(path) in error.message
    assert key in error.message
    assert hint in (error.hint or "")
    assert "\n" not in error.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"margin = \xff\xfe", "not UTF-8: byte 9"),
        (b"margin 0.02", "no TOML"),
        (b"margin = 0.02\nmargin = 0.03", "no TOML"),
        (b"margin = " + b"1" * 5000, "no TOML"),
        (b"margin = 0x" + b"f" * 5000, "no margin"),
        (b"a = " + b"[" * 5000, "no TOML"),
        (b"margin." + b"a." * 5000 + b"a = 1", "cannot be"),
        (b"[domains.math]\nweights = { a = 0x" + b"f" * 5000 + b" }", "weights.a"),
    ],
)
def test_what_is_no_toml_of_ours_is_refused_in_a_line(content, said, written):
    path = written(content)
    error = refusal(path)
    assert str(path) in error.message
    assert said in error.message
    assert len(error.message) < len(str(path)) + 200


def test_what_is_no_file_is_refused_by_name(tmp_path):
    assert "is a folder" in refusal(tmp_path).message
    assert str(tmp_path / "none.toml") in refusal(tmp_path / "none.toml").message
    assert "No such file" in refusal(tmp_path / "none.toml").message


def test_a_margin_given_beside_the_file_replaces_only_the_general_one(written):
    found = load_policy(written(WHOLE)).with_margin(0.1)
    assert found.policy.margin_of("reading") == 0.1
    assert found.policy.margin_of("knowledge") == 0.03
    assert found.require == "held"
    assert found.with_margin(None) is found


_TASKS = (
    task("race", domain="reading"),
    task("lambada_openai", domain="reading"),
    task("wikitext", domain="reading", is_bounded=False),
    task("arc", domain="knowledge"),
)


def _weighted(domain, weights):
    policy = Policy(domains={domain: DomainPolicy(weights=weights)})
    return PolicyFile(policy=policy, where="mine.toml")


@pytest.mark.parametrize(
    ("domain", "weights", "said", "hint"),
    [
        ("safety", "items", "domains.safety", "known: reading, knowledge"),
        ("reading", {"rcae": 1.0, "lambada_openai": 1.0}, "`rcae`", "`race`"),
        ("reading", {"race": 1.0}, "lambada_openai", "each task"),
        ("reading", {"race": 1.0, "lambada_openai": 1.0, "arc": 1.0}, "`arc`", "race"),
    ],
)
def test_a_policy_must_fit_what_was_evaluated(domain, weights, said, hint):
    with pytest.raises(UsageError) as caught:
        check_tasks(_weighted(domain, weights), _TASKS)
    assert "mine.toml" in caught.value.message
    assert said in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_policy_that_fits_is_let_through():
    check_tasks(_weighted("reading", {"race": 1.0, "lambada_openai": 2.0}), _TASKS)
    check_tasks(_weighted("knowledge", "tasks"), _TASKS)
    check_tasks(PolicyFile(), ())
    alone = [task("wikitext", domain="reading", is_bounded=False)]
    check_tasks(_weighted("reading", {"wikitext": 1.0}), alone)


# ---- arbitrary files ---------------------------------------------------------------


class Bare(str):
    """Text that stands in TOML without quotes."""

    __slots__ = ()


_NAMES = st.sampled_from(
    ["margin", "alpha", "require", "domains", "tier", "weights", "race", "x", *list(DOMAINS)[:3]]
) | st.text(max_size=5)
_LEAVES = (
    st.integers()
    | st.floats()
    | st.booleans()
    | st.text(max_size=8)
    | st.sampled_from(["gate", "held", "tasks", "2pp", "0.02", 0.02, 1])
    | st.just(Bare("1979-05-27T07:32:00Z"))
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)


def toml(value):
    """Write one value of a document in TOML's inline form."""
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml(k)} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return repr(value)


def _is_a_policy_or_refused(path):
    found = None
    with contextlib.suppress(UsageError):
        found = load_policy(path)
    if found is None:
        return False
    policy = found.policy
    assert found.require in (None, "held", "not-forgot")
    assert 0 < policy.margin < 1
    assert 0 < policy.alpha < 0.5
    for name, own in policy.domains.items():
        assert name in DOMAINS
        assert 0 < policy.margin_of(name) < 1
        assert own.role is None or isinstance(own.role, Role)
        if not isinstance(own.weights, str):
            assert own.weights
            assert all(math.isfinite(weight) and weight > 0 for weight in own.weights.values())
    return True


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.dictionaries(_NAMES, _VALUES, max_size=5))
def test_any_toml_is_a_policy_or_one_error(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    text = "".join(f"{toml(key)} = {toml(value)}\n" for key, value in content.items())
    path.write_text(text, encoding="utf-8")
    _is_a_policy_or_refused(path)


_MARGINS = st.floats(0.0001, 0.4999) | st.floats(0.01, 99).map(lambda points: f"{points}pp")
_DOMAIN_POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "margin": _MARGINS,
        "tier": st.sampled_from([*TIERS]),
        "weights": st.sampled_from(["items", "tasks"])
        | st.dictionaries(st.text(max_size=5), st.floats(0.01, 100), min_size=1, max_size=3),
    },
)
_POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "margin": _MARGINS,
        "alpha": st.floats(0.001, 0.499),
        "require": st.sampled_from(["held", "not-forgot"]),
        "domains": st.dictionaries(st.sampled_from([*DOMAINS]), _DOMAIN_POLICIES, max_size=4),
    },
)


@settings(max_examples=100, deadline=None)
@given(content=_POLICIES)
def test_every_proper_policy_is_read_as_it_was_written(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "proper.toml"
    text = "".join(f"{key} = {toml(value)}\n" for key, value in content.items())
    path.write_text(text, encoding="utf-8")
    assert _is_a_policy_or_refused(path)
    policy = load_policy(path).policy
    assert set(policy.domains) == set(content.get("domains", {}))
    for name, own in content.get("domains", {}).items():
        if "margin" in own:
            assert policy.margin_of(name) == parse_margin(own["margin"])
        assert policy.of(name).role == TIERS.get(own.get("tier"))


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
def test_any_bytes_are_a_policy_or_one_error(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "bytes.toml"
    path.write_bytes(content)
    _is_a_policy_or_refused(path)
