"""The page: one file without a single request, safe by structure.

The template loops over the view. The policy in the page's head names the hashes of the one style
sheet and the one script, so nothing a model wrote can run even if it got past the escaping.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from importlib import resources
from typing import TYPE_CHECKING, ParamSpec

from forgetscope.report import (
    svg,
    svg_marks,
    svg_panels,
    svg_reliability,
    svg_trade,
    svg_trajectory,
)
from forgetscope.report.embedding import fitted
from forgetscope.report.heat import HeatCell
from forgetscope.report.states import pack_states
from forgetscope.report.studies import StudiesView
from forgetscope.report.theme import runs_css, scoped_css, theme_css
from forgetscope.report.view import ReportView

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["policy", "render_html", "render_notebook", "render_studies"]

Options = ParamSpec("Options")


def render_html(view: ReportView) -> str:
    """Return the report as one HTML file.

    Equal views give equal text. It holds every verdict, table and chart without JavaScript;
    the script adds the item reader, the theme switch and the keys.
    """
    items = fitted(view.items) if view.items else None
    style = theme_css() + _resource("page.css") + _resource("panels.css")
    if view.trained:
        style += runs_css() + _resource("trained.css")
    script = _resource("page.js") + (_resource("switch.js") if view.switch else "")
    script += _resource("heat.js") if view.heat else ""
    if items:
        style += _resource("reader.css")
        script += _resource("reader.js") if items.entries else ""
    environment = _environment()
    return environment.get_template("report.html.j2").render(
        view=view,
        states=_states(view, environment),
        style=_trusted(style),
        script=_trusted(script),
        policy=policy(style=style, script=script),
        items=items,
    )


def render_studies(view: StudiesView) -> str:
    """Return several studies as one HTML file; its script turns the theme, and nothing else."""
    style = theme_css() + runs_css()
    style += "".join(map(_resource, ("page.css", "panels.css", "trained.css", "studies.css")))
    script = _resource("page.js")
    template = _environment().get_template("studies.html.j2")
    return template.render(
        view=view,
        style=_trusted(style),
        script=_trusted(script),
        policy=policy(style=style, script=script),
    )


def render_notebook(view: ReportView) -> str:
    """Return the domain table as a piece of HTML whose style reaches nothing else on the page."""
    style = scoped_css(".forgetscope-table") + _resource("notebook.css")
    template = _environment().get_template("notebook.html.j2")
    return template.render(view=view, style=_trusted(style))


def policy(*, style: str, script: str) -> str:
    """Return the content security policy that allows this style and this script, nothing else."""
    rules = (
        "default-src 'none'",
        f"script-src '{_hash(script)}'",
        f"style-src '{_hash(style)}'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return "; ".join(rules)


def _states(view: ReportView, environment: Environment) -> str:
    """Return the packed states of the domain table; empty where there is nothing to switch."""
    if view.switch is None:
        return ""
    template = environment.get_template("states.html.j2")
    tables = [template.render(view=view, rows=choice.rows) for choice in view.switch.choices]
    return pack_states(view.switch, tables)


def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(lambda name: _resource(f"templates/{name}")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        cause_bar=_drawn(svg.cause_bar),
        forest_axis=_drawn(svg.forest_axis),
        forest_mark=_drawn(svg.forest_mark),
        item_bar=_drawn(svg.item_bar),
        score_bar=_drawn(svg.score_bar),
        blend_plot=_drawn(svg_panels.blend_plot),
        dumbbell_axis=_drawn(svg_trade.dumbbell_axis),
        dumbbell_mark=_drawn(svg_trade.dumbbell_mark),
        path_grid=_drawn(svg_trajectory.path_grid),
        path_plot=_drawn(svg_trajectory.path_plot),
        reliability_grid=_drawn(svg_reliability.reliability_grid),
        reliability_plot=_drawn(svg_reliability.reliability_plot),
        run_key=_drawn(svg_marks.run_key),
        trace_plot=_drawn(svg_panels.trace_plot),
        trade_plot=_drawn(svg_trade.trade_plot),
        heat_class=_heat_class,
    )
    return environment


def _heat_class(cell: HeatCell) -> str:
    """Return the class that colours a heat cell, as `theme.theme_css` names it."""
    if cell.bin == 0:
        return "q0"
    return f"q{'m' if cell.bin < 0 else 'p'}{abs(cell.bin)}"


def _drawn(draw: Callable[Options, str]) -> Callable[Options, str]:
    """Mark our own SVG, which escapes its texts itself, as safe to place."""

    def place(*args: Options.args, **options: Options.kwargs) -> str:
        return _trusted(draw(*args, **options))

    return place


def _trusted(text: str) -> str:
    from markupsafe import Markup

    return Markup(text)


def _resource(name: str) -> str:
    return resources.files("forgetscope.report").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
