"""Histories for the rules, and how a rule is told them."""

from hypothesis import strategies as st

from forgetscope.recap import make_rule

OBJECTIVES = {
    "math/accuracy": "reward",
    "math/format": "reward",
    "facts/replay": "loss",
    "code/replay": "loss",
}
ALIKE = dict.fromkeys(OBJECTIVES, 1.0)
OPTIONS = {
    "code": {},
    "paper": {},
    "advantage": {},
    "budget": {},
    "uniform": {},
    "static": {"weights": {name: 1.0 + k for k, name in enumerate(OBJECTIVES)}},
    "random": {"seed": 7},
}
"""Every rule, with what it cannot be made without."""


def made(name, **options):
    return make_rule(name, **(OPTIONS[name] | options))


def told(rule, histories, kinds=OBJECTIVES):
    """Tell a rule the histories, one objective after the other."""
    for objective, values in histories.items():
        for value in values:
            rule.observe(objective, value, kind=kinds[objective])
    return rule


def steps_of(histories):
    """The same histories as a list of steps, each with the objectives that still have a value."""
    longest = max(map(len, histories.values()))
    return [
        {objective: values[step] for objective, values in histories.items() if step < len(values)}
        for step in range(longest)
    ]


def tell(rule, step, kinds=OBJECTIVES):
    """Tell a rule one step."""
    for objective, value in step.items():
        rule.observe(objective, value, kind=kinds.get(objective, "loss"))


def histories(low=0.01, high=1.0, *, least=1, most=25):
    """One to four objectives with one to 25 values each."""
    value = st.floats(low, high)
    return st.lists(
        st.sampled_from(sorted(OBJECTIVES)), min_size=1, max_size=len(OBJECTIVES), unique=True
    ).flatmap(
        lambda names: st.fixed_dictionaries(
            {name: st.lists(value, min_size=least, max_size=most) for name in names}
        )
    )


any_histories = histories(-1.7e308, 1.7e308) | st.dictionaries(
    st.sampled_from(sorted(OBJECTIVES)),
    st.lists(
        st.sampled_from([0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-9, 1.7e308, -1.7e308, 0.3]),
        min_size=1,
        max_size=25,
    ),
    min_size=1,
)
"""Histories of any finite numbers, most of them senseless."""


def swinging(mean, deviation, n=20):
    """Numbers whose halves have this mean and whose standard deviation (ddof 0) is `deviation`."""
    assert n % 4 == 0
    return [mean + deviation, mean - deviation] * (n // 2)
