"""Reports to open in a browser: a full one, one of the base alone, a hostile one."""

from dataclasses import replace
from functools import cache

from forgetscope.records import FormatClass, Transition
from forgetscope.report import ReportView
from forgetscope.report.html import render_html, render_studies
from tests.report import behind, behind_training, made, test_studies
from tests.report.test_html import hostile

HEAD = "Q: 1+1?\nA: 2\n\n"
LONG = "a word " * 150_000
"""A text of more than a megabyte."""


def written(number, turn, *, form=FormatClass.DIFFERENT, domain="logic", after=None):
    """An item with written answers."""
    return made.story(
        number,
        transition=turn,
        domain=domain,
        format_class=None if turn is Transition.RETAINED else form,
        prompt=f"{HEAD}Q: what is {number} plus one?\nA:",
        before=f"I think that it is {number + 1}.",
        after=after or f"perhaps {number} or so",
        outcomes=(1.0, 0.0) if turn is Transition.LOST else (0.0, 1.0),
    )


def chosen(number):
    """An item whose answer is one of four options."""
    options = ("north", "south", "east", "west")
    told = made.story(
        number,
        domain="culture",
        prompt=f"Which way, number {number}?",
        gold="south",
        choices=options,
        before="south",
        after="west",
        outcomes=(1.0, 0.0),
        before_shares=(0.1, 0.7, 0.15, 0.05),
        after_shares=(0.1, 0.2, 0.1, 0.6),
    )
    return replace(told, item=replace(told.item, task="directions"))


def stories():
    """Three hundred items: lost by form and by answer, gained, and of several domains."""
    lost = [written(n, Transition.LOST) for n in range(150)]
    broken = [written(n, Transition.LOST, form=FormatClass.TRUNCATED) for n in range(150, 190)]
    gained = [written(n, Transition.GAINED, domain="culture") for n in range(190, 280)]
    return [*lost, *broken, *gained, *map(chosen, range(280, 300))]


@cache
def full():
    """A page with every section that a report can have."""
    return render_html(
        ReportView.of(
            behind.full(),
            stories=stories(),
            checkpoints=made.SERIES,
            training=behind_training.training(),
            blend=behind_training.blend(),
        )
    )


@cache
def base_alone():
    """A page of a base without children."""
    return render_html(ReportView.of(made.diagnosis(), checkpoints=made.SERIES[:1]))


@cache
def studies():
    """A page that compares several studies; it has no script."""
    return render_studies(test_studies.view())


def corpus(url):
    """Texts that try to run or to load something; `url` is where they would be caught."""
    return (
        *made.HOSTILE,
        f"<img src={url}/img onerror=window.pwned=1>",
        f"</script><script src={url}/script></script><script>window.pwned=1</script>",
        f"<svg onload=window.pwned=1><image href={url}/image></image></svg>",
        f"<iframe src='javascript:parent.pwned=1'></iframe><iframe src={url}/frame></iframe>",
        "[click me](javascript:window.pwned=1) javascript:alert(1)",
        f"<link rel=stylesheet href={url}/link><style>@import url({url}/import)</style>",
        f"<meta http-equiv=refresh content='0;url={url}/meta'><base href={url}>",
        f"<a href={url}/a autofocus onfocus=alert(1) tabindex=1>x</a>",
        "<details open ontoggle=alert(1)><input autofocus onfocus=alert(1)>",
        "{{constructor.constructor('alert(1)')()}} ${alert(1)} <%= alert(1) %> #{alert(1)}",
        "--></title></textarea></style><script>alert(1)</script>",
        '"}],"rows":[["x"]]}',
        f"background:url({url}/css)",
        "\u2028alert(1)\u2029\u061c\u2066abc\u2069",
    )


def hostile_page(url):
    """A report of which every name and every text is hostile, and its items."""
    texts = corpus(url)
    view = hostile(texts)
    return texts, render_html(view)


def one_item(**texts):
    """A report with a single lost item."""
    told = made.story(1, **texts)
    view = ReportView.of(made.diagnosis(made.comparison()), stories=[told], checkpoints=made.SERIES)
    return render_html(replace(view, title="one item"))


def until(page, script, arg=None):
    """Wait until a script returns true; the policy refuses to the page what would poll within."""
    for _ in range(400):
        if page.evaluate(script, arg):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never true: {script} {arg}")
