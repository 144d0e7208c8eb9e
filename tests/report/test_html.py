"""The page: complete without its script, and closed to whatever a model wrote."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from forgetscope.records import Heterogeneity, Kind, Role, Transition, Verdict
from forgetscope.report import ReportView
from forgetscope.report.html import render_html
from tests.report import behind, behind_training, made

VOID = {"meta", "input", "br", "link", "img"}
KNOWN_TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "nav",
        "main",
        "footer",
        "script",
    ),
    *(
        "section",
        "article",
        "div",
        "span",
        "p",
        "h1",
        "h2",
        "h3",
        "a",
        "b",
        "i",
        "br",
        "small",
        "kbd",
        "code",
    ),
    *("pre", "ol", "ul", "li", "dl", "dt", "dd"),
    *("button", "select", "option", "input", "label"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("svg", "circle", "line", "path", "rect", "polygon", "text", "figure", "figcaption"),
    *("defs", "g", "use"),
}


class Page(HTMLParser):
    """Tags with attributes, visible text, and the content of scripts and styles."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.texts, self.raw = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        (self.raw if inside in ("script", "style") else self.texts).append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def example(**options):
    tasks = [made.cell("riddles", domain="logic")]
    steps = [made.comparison(label, tasks=tasks) for label in ("step-10", "step-20")]
    return ReportView.of(made.diagnosis(*steps), checkpoints=made.SERIES, **options)


def full():
    return ReportView.of(behind.full(), checkpoints=made.SERIES)


def hostile(texts=made.HOSTILE):
    """A report in which every text that comes from outside is hostile."""
    evil = " ".join(texts).replace("\ud800", "")
    apart = Heterogeneity(q=9.0, degrees=2, p_value=0.01, lost=texts)
    probes = tuple(behind.recovered(kind) for kind in texts)
    told = behind.findings(
        likelihood=behind.likelihood(evil), heterogeneity=apart, recovered=probes
    )
    known = {"findings": told, "weighting": evil, "n_missing": 2, "margin": 0.05}
    domains = [
        made.cell(evil, Verdict.FORGOT, change=-0.1, **known),
        made.unmeasured(evil + "2", reason=evil),
        made.cell(evil + "3", Verdict.GAINED, change=0.1, role=Role.TARGET),
    ]
    tasks = [made.cell(text, domain=evil) for text in texts]
    steps = [
        made.comparison(evil + end, domains=domains, tasks=tasks, warnings=texts) for end in "12"
    ]
    stories = [
        made.story(place, prompt=text, gold=text, before=text, after=text, choices=(text,))
        for place, text in enumerate(texts)
    ]
    courses = [behind.course(evil, onset=evil, worst=evil, recovery=evil, trough=evil)]
    return ReportView.of(
        replace(made.diagnosis(*steps), courses=tuple(courses)),
        stories=stories,
        training=hostile_training(evil),
        blend=hostile_blend(evil),
        checkpoints=[made.checkpoint(evil, source=evil, fingerprint=evil)],
        provenance={"study": evil, "command": evil, "suite": {"name": evil}, evil: evil},
    )


def hostile_training(evil):
    traces = [
        behind_training.trace(evil, weights=(1.0, 0.5, 1.5, 1.2)),
        behind_training.trace(f"{evil}/{evil}", Kind.LOSS),
        behind_training.trace(f"a/{evil}", Kind.PROBE),
    ]
    cells = (behind_training.short(evil, -0.1, Verdict.FORGOT),)
    rival = behind_training.rival(evil, cells=cells, label=evil, step=None)
    return behind_training.training(method=evil + "4", rule=evil, traces=traces, rivals=[rival])


def hostile_blend(evil):
    cells = (behind_training.short(evil, -0.1, Verdict.FORGOT),)
    point = behind_training.blend_point(0.5, 0.1, -0.1, cells=cells, reason=evil)
    point = replace(point, is_allowed=False)
    known = {"points": (point,), "final": cells, "after_final": cells}
    return behind_training.blend(before=evil, after=evil, require=evil, **known)


@pytest.fixture(scope="module", params=["example", "full", "trained", "hostile", "base"])
def page_text(request):
    views = {
        "example": lambda: example(stories=[made.story(number) for number in range(200)]),
        "full": full,
        "trained": behind_training.view,
        "hostile": hostile,
        "base": lambda: ReportView.of(made.diagnosis()),
    }
    return render_html(views[request.param]())


@pytest.fixture(scope="module")
def page(page_text):
    return Page(page_text)


def test_every_tag_is_closed(page):
    assert page.open == []


def test_no_attribute_styles_or_runs_anything(page):
    names = {name for _, attributes in page.tags for name in attributes}
    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]


def test_nothing_is_loaded_from_anywhere(page_text, page):
    names = {name for _, attributes in page.tags for name in attributes}
    assert not names & {"src", "srcset", "action", "formaction", "poster", "xlink:href"}
    links = [attributes["href"] for _, attributes in page.tags if "href" in attributes]
    assert all(link.startswith("#") for link in links)
    assert "http:" not in page_text
    assert "https:" not in page_text
    assert not re.search(r"url\(|@import", page_text)


def test_only_the_known_tags_appear(page):
    assert {tag for tag, _ in page.tags} <= KNOWN_TAGS


def test_the_policy_comes_first_and_names_the_hashes_of_style_and_script(page_text, page):
    [policy] = [
        attributes["content"]
        for tag, attributes in page.tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert page_text.index("Content-Security-Policy") < page_text.index("<style")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    for rule, tag in (("script-src", "script"), ("style-src", "style")):
        [content] = re.findall(f"<{tag}>(.*?)</{tag}>", page_text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"


def test_the_script_runs_nothing_that_is_text(page_text):
    script = re.findall("<script>(.*?)</script>", page_text, flags=re.DOTALL)[0]
    for danger in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "fetch("):
        assert danger not in script


def test_only_packed_data_and_one_script_are_in_script_tags(page):
    kinds = [attributes.get("type", "") for tag, attributes in page.tags if tag == "script"]
    assert kinds.count("") == 1
    assert set(kinds) <= {"", "application/gzip+base64"}


def test_hostile_text_is_shown_and_never_raw():
    text = render_html(hostile())
    for raw in ("<script>alert", "<img", "</script><script>a", '" onmouseover', "\x1b", "\u202e"):
        assert raw not in text
    shown = Page(text).text
    assert "</script><script>alert(1)</script>" in shown
    assert "{{7*7}}{% raw %}" in shown
    assert "[ESC][2J" in shown
    assert "abc[U+202E]dcba[U+200B]" in shown
    text.encode("utf-8")


def test_a_reader_without_scripts_sees_verdict_table_charts_and_heat():
    view = example(stories=[made.story()])
    found = Page(render_html(view))
    for row in view.ledger.rows:
        assert row.label in found.text
        assert row.mark.word in found.text
    for words in ("Step 2,000 forgot one of five general domains", "−9.0", "[−11.0, −7.0]"):
        assert words in found.text
    assert "1 lost and 0 gained items" in found.text
    labels = [attributes.get("aria-label", "") for tag, attributes in found.tags if tag == "svg"]
    assert any("Instruction following: FORGOT, −9.0 points" in label for label in labels)
    classes = [attributes.get("class", "") for tag, attributes in found.tags if tag == "td"]
    assert "qm5" in classes
    hidden = [tag for tag, attributes in found.tags if "hidden" in attributes]
    # theme switch, keys and those of the reader, reader: useless without a script
    assert hidden == ["button", "p", "span", "div"]


def test_sections_without_data_are_left_out_with_their_links():
    found = Page(render_html(ReportView.of(made.diagnosis(made.comparison()))))
    ids = {attributes.get("id") for tag, attributes in found.tags if tag == "section"}
    links = {attributes["href"] for tag, attributes in found.tags if tag == "a"}
    assert ids == {"verdict", "domains", "trust", "method"}
    assert links == {f"#{name}" for name in ids}


def test_a_base_alone_makes_a_profile_page():
    found = Page(render_html(ReportView.of(made.diagnosis())))
    ids = {attributes.get("id") for tag, attributes in found.tags if tag == "section"}
    assert ids == {"verdict", "profile", "trust", "method"}
    assert "The capability profile of base" in found.text
    assert "Gate" not in found.text


def test_every_verdict_shows_glyph_and_word():
    text = Page(render_html(example())).text
    for glyph, word in zip("▼▽●▲◇∅", Verdict, strict=True):
        assert f"{glyph} {word}" in text


def test_names_in_backticks_are_set_as_code():
    warning = "`step-20` lacks <b> and `x`"
    text = render_html(
        ReportView.of(made.diagnosis(made.comparison(warnings=[warning, "odd ` tick"])))
    )
    assert "<code>step-20</code> lacks &lt;b&gt; and <code>x</code>" in text
    assert "odd ` tick" in text


def test_without_items_the_page_is_small():
    written = behind.findings(knowledge=None, calibration=None)
    chosen = behind.findings(readings=None, causes=None, recovered=(), repeats=None)
    known = [{"findings": (written, chosen)[n % 2], "noise_floor": 0.01} for n in range(42)]
    domains = [made.cell(f"domain_{n}", change=-0.001 * n, **known[n]) for n in range(14)]
    tasks = [made.cell(f"task_{n}", domain=f"domain_{n % 14}", **known[n]) for n in range(42)]
    steps = [made.comparison(f"s{n}", domains=domains, tasks=tasks) for n in range(12)]
    courses = tuple(behind.course(cell.name) for cell in domains)
    view = ReportView.of(replace(made.diagnosis(*steps), courses=courses))
    assert len(render_html(view).encode()) < 200_000


def test_equal_input_gives_an_equal_page():
    stories = [made.story(1), made.story(2, transition=Transition.GAINED)]
    assert render_html(example(stories=stories)) == render_html(example(stories=stories))


def test_every_reference_within_the_page_has_its_end_and_no_id_occurs_twice(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"][1:] for _, attributes in page.tags if "href" in attributes}
    assert links <= set(ids)
