import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.recap.inert import is_formula, is_harmless_to_eval

CODE = [
    "__import__('os').system('true')",
    "open('x', 'w')",
    "[open('x', 'w')]",
    "(lambda: 1)()",
    "[x for x in (1).__class__.__bases__]",
    "f'{open(1)}'",
    "x.y",
    "x[0]",
    "(y := 1)",
    "exec('1')",
    "sin.__call__(1)",
    "sin(x)(1)",
    "sqrt(x, evaluate=open('x', 'w'))",
    "sin(*x)",
]
DATA = st.recursive(
    st.one_of(st.integers(), st.text(max_size=5), st.none(), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("text", CODE)
def test_code_is_neither_data_nor_a_formula(text):
    assert not is_harmless_to_eval(text)
    assert not is_formula(text)
    assert not is_harmless_to_eval(f" \t{text}")


@given(DATA)
def test_what_python_writes_of_data_is_harmless(value):
    assert is_harmless_to_eval(repr(value))


@given(st.text(max_size=40))
def test_a_text_that_is_harmless_calls_nothing(text):
    if is_harmless_to_eval(text):
        try:
            tree = ast.parse(text.lstrip(" \t"), mode="eval")
        except (SyntaxError, ValueError):
            return
        assert not any(isinstance(node, ast.Call | ast.Attribute) for node in ast.walk(tree))


@pytest.mark.parametrize(
    "text", ["x**2/2 + C", "-cos(x)", "2*x*exp(2*x) - log(x)", "pi*(4 + 8)/3.5", "x**(1/2)"]
)
def test_formulas_are_formulas(text):
    assert is_formula(text)


@pytest.mark.parametrize(
    "text",
    ["9**9**9", "2**1000", "x**(9**9)", "'a'", "os", "x; y", "x\ny", "5!", "", "True", "1j",
     "(" * 300, "1" * 5000, "\x00", "-" * 3000 + "1"],
)  # fmt: skip
def test_what_is_too_large_or_no_formula_is_refused(text):
    assert not is_formula(text)
