"""Colours, once, for the page and for the pictures.

Colour means change; everything else is ink on paper. A colour is named by what it stands for and
has one value on a light page and one on a dark page.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "HEAT",
    "RUNS",
    "TEXT_PAIRS",
    "TOKENS",
    "Tone",
    "contrast",
    "heat_ink",
    "runs_css",
    "scoped_css",
    "theme_css",
]


@dataclass(frozen=True, slots=True)
class Tone:
    """One colour with its two values, each as `#rrggbb`."""

    light: str
    dark: str


TOKENS: dict[str, Tone] = {
    "bg": Tone("#faf9f6", "#0e1116"),
    "card": Tone("#ffffff", "#151a21"),
    "ink": Tone("#15181e", "#e8ebf0"),
    "ink2": Tone("#454c57", "#b7bfca"),
    "ink3": Tone("#626a76", "#8f99a7"),
    "line": Tone("#e5e3dc", "#252c36"),
    "line2": Tone("#c9c6bc", "#3a4350"),
    "hover": Tone("#f4f2ec", "#1b212a"),
    "loss": Tone("#ab3a0c", "#f59a6c"),
    "loss-bg": Tone("#fcebe1", "#33201a"),
    "gain": Tone("#1b5c9e", "#82b9f3"),
    "gain-bg": Tone("#e3eefa", "#172738"),
    "undecided": Tone("#735400", "#e3bd5c"),
    "undecided-bg": Tone("#f8efd6", "#2d2615"),
    "held": Tone("#39434f", "#c2cad5"),
    "held-bg": Tone("#eceeef", "#232a33"),
    "bar-lost": Tone("#cb4c14", "#f2834c"),
    "bar-gained": Tone("#2f78c0", "#6aaaf0"),
    "noise": Tone("#e4e1d8", "#2a323d"),
    "focus": Tone("#1b5c9e", "#82b9f3"),
}
"""Every colour outside the heat table."""

RUNS: dict[str, Tone] = {
    "run-b": Tone("#5f3a9a", "#bda0f2"),
    "run-c": Tone("#0b6a61", "#63c9bb"),
    "run-d": Tone("#97306b", "#f09ac6"),
}
"""Methods beside the one of the page, which is drawn in ink; their marks differ in shape too."""

HEAT: dict[int, Tone] = {
    -5: Tone("#8a2b07", "#f79a6b"),
    -4: Tone("#b4450f", "#d9743f"),
    -3: Tone("#df8450", "#a4552d"),
    -2: Tone("#f3b892", "#703f28"),
    -1: Tone("#f9dfcf", "#432c22"),
    0: Tone("#f3f2ed", "#1a2028"),
    1: Tone("#dbe8f6", "#1d2f43"),
    2: Tone("#aecdec", "#254767"),
    3: Tone("#76aadc", "#30669a"),
    4: Tone("#2b70b2", "#4f93d6"),
    5: Tone("#114a84", "#8fc3fa"),
}
"""Background of a heat cell by bin, from a loss of 8 points or more to a gain of 8 or more."""

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *((ink, paper) for ink in ("ink", "ink2", "ink3") for paper in ("bg", "card", "hover")),
    *((ink, paper) for ink in ("loss", "gain", "undecided", "held") for paper in ("bg", "card")),
    *((ink, f"{ink}-bg") for ink in ("loss", "gain", "undecided", "held")),
    *((ink, "hover") for ink in ("loss", "gain", "undecided", "held")),
    ("bg", "ink"),
    ("card", "held"),
    ("card", "bar-lost"),
)
"""Text colour and the background it stands on, wherever the page sets text."""

_DARK_INK, _LIGHT_INK = "#140c06", "#ffffff"


def heat_ink(bin_index: int) -> Tone:
    """Return a heat cell's text colour: muted where nothing is proved, else the clearer ink."""
    if bin_index == 0:
        return TOKENS["ink3"]
    background = HEAT[bin_index]
    return Tone(_clearer(background.light), _clearer(background.dark))


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").

    >>> round(contrast("#ffffff", "#000000"))
    21
    """
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def theme_css() -> str:
    """Return the style sheet's variables and heat classes, both themes in one list."""
    variables = [f"--{name}:{_pair(tone)}" for name, tone in TOKENS.items()]
    cells = [
        f".q{_suffix(index)}{{background:{_pair(tone)};color:{_pair(heat_ink(index))}}}"
        for index, tone in HEAT.items()
    ]
    return ":root{" + ";".join(variables) + "}\n" + "\n".join(cells) + "\n"


def scoped_css(selector: str) -> str:
    """Return the variables for one element and what lies in it, and the classes of the tones."""
    variables = ";".join(f"--{name}:{_pair(tone)}" for name, tone in TOKENS.items())
    tones = ("loss", "gain", "held", "undecided", "ink3")
    classes = [f"{selector} .tone-{name}{{--tone:var(--{name})}}" for name in tones]
    return f"{selector}{{{variables}}}\n" + "\n".join(classes) + "\n"


def runs_css() -> str:
    """Return the style sheet's variables for methods, and their classes."""
    variables = [f"--{name}:{_pair(tone)}" for name, tone in RUNS.items()]
    names = ("ink", "ink3", *RUNS)
    classes = [f".run-of-{name}{{--run:var(--{name})}}" for name in names]
    return ":root{" + ";".join(variables) + "}\n" + "\n".join(classes) + "\n"


def _suffix(bin_index: int) -> str:
    """Return the end of a heat class name: `m3` for minus three, `p3` for plus three, `0`."""
    if bin_index == 0:
        return "0"
    return f"{'m' if bin_index < 0 else 'p'}{abs(bin_index)}"


def _pair(tone: Tone) -> str:
    return f"light-dark({tone.light},{tone.dark})"


def _clearer(background: str) -> str:
    return max((_DARK_INK, _LIGHT_INK), key=lambda ink: contrast(ink, background))


def _luminance(colour: str) -> float:
    """Return the relative luminance, 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
