"""`--figures`: which formats, and what is refused."""

import pytest

from forgetscope.cli.units import parse_figures
from forgetscope.errors import UsageError


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("png", ("png",)), ("pdf,svg,png", ("png", "svg", "pdf")), (" SVG ,", ("svg",)), ("", ())],
)
def test_formats_are_a_list_without_order(text, kinds):
    assert parse_figures(text) == kinds


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="`--figures gif`") as caught:
        parse_figures("png,gif")
    assert "png, svg, pdf" in (caught.value.hint or "")
