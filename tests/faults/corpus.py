"""At least 500 texts that try to leave the place they were given, made by seeded code.

What a model or a data set may write, for every place in which it is shown or kept: pages,
Markdown, XML, spreadsheets, terminals, LaTeX, logs of a runner, SQL, paths, JSON and YAML.
"""

import random
import unicodedata
from functools import cache
from itertools import product

__all__ = ["PATHS", "corpus", "in_utf8"]

_HTML = (
    "<script>alert(1)</script>",
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script xlink:href=data:,alert(1)></script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<style>@import 'http://evil.test/x.css';*{display:none}</style>",
    "<link rel=stylesheet href=//evil.test/x>",
    "<meta http-equiv=refresh content='0;url=//evil.test'>",
    "<base href=//evil.test>",
    "<form action=//evil.test><input autofocus onfocus=alert(1)>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<template><img src=x onerror=alert(1)></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<marquee onstart=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php echo 1 ?><%= 7*7 %>",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
)
_BREAKS = (
    '"',
    "'",
    "`",
    '">',
    "'>",
    "-->",
    "]]>",
    "</style>",
    "</title>",
    "</textarea>",
    "*/",
    "\\",
)
_RUNS = (" onmouseover=alert(1) x=", "<img src=x onerror=alert(1)>", ";alert(1)//", "+alert(1)+")
_TEMPLATES = (
    *("{{7*7}}", "{% raw %}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{config}}", "{#", "[[7*7]]"),
    *("{{''.__class__.__mro__}}", "%(x)s %s %n", "{0.__class__}", "$(id)", "`id`", "{{{x}}}"),
)
_MARKDOWN = (
    "[x](javascript:alert(1))",
    "![x](http://evil.test/x.png)",
    "[x]: http://evil.test 'x'",
    "<http://evil.test>",
    "http://evil.test/autolink www.evil.test",
    "# heading",
    "- [ ] task",
    "> quote",
    "| a | b |\n|---|---|\n| c | d |",
    "a | b \\| c",
    "```\ncode\n```",
    "````\n```\n~~~",
    "~~~html\n<script>",
    "<details><summary>x</summary>",
    "</details></details>",
    "***bold*** __x__ ~~y~~",
    "---\nfront: matter\n---",
    "[^1]: foot",
    "@team #1 GH-1 org/name#2",
    "<!-- comment -->",
    "\n\n    indented code",
    "\\*escaped\\*",
    "$x^2$ $$y$$",
    ":smile:",
)
_XML = (
    "]]><evil/><![CDATA[",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    "<!ENTITY xxe SYSTEM 'file:///etc/passwd'>",
    "&undefined;",
    "&#0;&#x1;&#xFFFF;",
    "</testsuite></testsuites>",
    "<failure message='x'/>",
    "<?xml version='1.0'?>",
    "\ufffe\uffff",
)
_FORMULAS = (
    *(
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "=cmd|' /C calc'!A0",
    ),
    *('=HYPERLINK("http://evil.test","x")', "=IMPORTXML(CONCAT(1))", "-2+3+cmd|' /C calc'!A0"),
    *("＝1+1", "＋1", "－1", "＠SUM(1)", '"=1+1', "'=1+1", ";=1+1", ",=1+1", "=1+1\n=2+2", "%0A=1"),
)
_TERMINAL = (
    "\x1b[2J\x1b[H",
    "\x1b[31mred\x1b[0m",
    "\x1b[?1049h",
    "\x1b[6n",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.test\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1bP+q544e\x1b\\",
    "\x1b_apc\x1b\\",
    "\x1b^pm\x1b\\",
    "\x1b#8",
    "\x1bc",
    "\x9b31m",
    "\x9d0;title\x9c",
    "\x90q\x9c",
    "\x07\x08\x7f",
    "safe\rEVIL",
    "a\x08\x08b",
    "\x0e\x0f",
    "\u202eevil\u202c",
    "\u2066\u2067\u2068x\u2069",
    "\u200b\u200c\u200d\u2060\ufeff",
    "a" + "\u0301" * 200,
    "\u200f\u061cx",
    "\u2028line\u2029paragraph\x85next",
    "\U000e0041\U000e0042 tags",
    "\u00adsoft\u180e",
    "\ufff9a\ufffab\ufffb",
)
_RICH = (
    *(
        "[bold]x[/bold]",
        "[link=http://evil.test]x[/link]",
        "[red]",
        "[/]",
        "[/bold]",
        "[@click=app.bell]x",
    ),
    *("[[x]]", "\\[bold]", "[on red blink]x", ":bomb:", "[bold", "[reverse]\n"),
)
_RUNNER = (
    "::error file=x,line=1::evil",
    "::warning::evil",
    "::set-output name=x::y",
    "::add-mask::x",
    "::group::x",
    "::endgroup::",
    "::stop-commands::x",
    "::save-state name=x::y",
    "::debug::x",
    "\n::error::evil",
    "\r\n::error::evil",
    "a%0A::error::evil",
    "%25%0D%0A",
    "##[error]evil",
    "##vso[task.setvariable variable=x]y",
    "x<<EOF\ny\nEOF",
    "x=y\nz=w",
    "##teamcity[message text='x']",
)
_LATEX = (
    *(
        "\\input{/etc/passwd}",
        "\\write18{id}",
        "\\end{document}",
        "\\def\\x{y}",
        "\\\\",
        "a & b",
        "50%x",
    ),
    *(
        "$x_1^2$",
        "#1",
        "~",
        "{",
        "}",
        "\\begin{verbatim}",
        "^^M",
        "\\catcode`\\$=12",
        "\\hline",
        "\\verb|x|",
    ),
)
_SQL = (
    *(
        "'; DROP TABLE items; --",
        '" OR 1=1 --',
        "x' UNION SELECT * FROM meta --",
        "%_[]",
        "?1 :a @b $c",
    ),
    *("'); DELETE FROM answers; --", "x\\'y", "/* x */", "NULL", "x' AND load_extension('x') --"),
)
PATHS = (
    *(
        "../../etc/passwd",
        "..\\..\\x",
        "/etc/passwd",
        "C:\\x",
        "\\\\host\\share",
        "~/x",
        "~root",
        ".",
    ),
    *(
        "..",
        "...",
        "a/../../b",
        "a//b",
        "./x",
        "x/",
        "/",
        "\\",
        "CON",
        "nul.txt",
        "com1",
        "a:b",
        "a*b?",
    ),
    *(
        "-rf",
        "--out",
        " x ",
        "x.",
        "file:///etc/passwd",
        "%2e%2e%2f",
        "..%c0%af",
        "a\x00b",
        "\x00",
        "$HOME",
    ),
    *(
        "x" * 300,
        "é" * 200,
        "x/" * 200,
        "a\nb",
        "a\tb",
        "\u2024\u2024/x",
        "．．／x",
        "..;/x",
        "`id`",
        "$(id)",
    ),
)
"""Names that lead elsewhere, or nowhere, where they become the name of a file."""
_JSON = (
    *(
        '"}',
        '"],"rows":[["x"]]}',
        "\\",
        "\\u0000",
        "\\ud800",
        "NaN",
        "{",
        "}",
        "[",
        '","x":"',
        "\\x",
        "//",
    ),
    *(
        '{"a":1}',
        "\x00",
        "\x1f",
        "\u2028",
        '\\"',
        "'",
        "null",
        "1e999",
        "\ufeff{}",
        "</script>{",
        "\x7f",
    ),
)
_YAML = (
    *(
        "!!python/object/apply:os.system ['id']",
        "!!binary x",
        "&a [*a]",
        "*a",
        "<<: *a",
        "? x",
        "- x",
    ),
    *(
        "x: y",
        "key: |\n  x",
        "---",
        "...",
        "%YAML 1.2",
        "@x",
        "`x",
        "yes",
        "~",
        "0o7",
        "1_000",
        "2001-01-01",
    ),
    *(
        "# x",
        "'",
        '"',
        "[",
        "{",
        "!x y",
        "a: b: c",
        "\t- x",
        "no",
        "null",
        ".inf",
        ".nan",
        "12:30:45",
    ),
)
_TWINS = ("é", "ﬁ", "Å", "①", "ｘ", "ℌ", "ǅ", "ẛ̣", "가", "Ω", "İ", "ß", "ſ")
_LETTERS = (
    *(
        "שלום עולם",
        "مرحبا بالعالم",
        "日本語のテキスト",
        "한국어",
        "ไทย",
        "हिन्दी",
        "𝔘𝔫𝔦",
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "🇩🇪",
    ),
    *(
        "\ud800",
        "\udfff",
        "a\ud83d",
        "\ude00b",
        "\ud800\udc00",
        "x\udcffy",
        "",
        " ",
        "\n",
        "\t",
        "\r\n",
        "\x0b\x0c",
    ),
)
_INSIDE = (
    'value="{}"',
    "<b title='{}'>",
    "<!-- {} -->",
    "<script>var x = '{}';</script>",
    "<style>a{{content:'{}'}}</style>",
    "[{}](x)",
    "| {} |",
    "```{}```",
    '{{"a": "{}"}}',
    "\x1b[1m{}\x1b[0m",
    "line one\n{}\nline three",
)


@cache
def corpus() -> tuple[str, ...]:
    """Return the texts, each once, the same on every machine."""
    rng = random.Random(20261129)
    plain = (
        *(
            *_HTML,
            *_TEMPLATES,
            *_MARKDOWN,
            *_XML,
            *_FORMULAS,
            *_TERMINAL,
            *_RICH,
            *_RUNNER,
            *_LATEX,
        ),
        *(*_SQL, *PATHS, *_JSON, *_YAML, *_LETTERS),
    )
    broken = [f"{a}{b}" for a, b in product(_BREAKS, _RUNS)]
    nested = [rng.choice(_INSIDE).format(rng.choice(plain)) for _ in range(120)]
    mixed = [" ".join(rng.sample(plain, 3)) for _ in range(60)]
    twins = [
        unicodedata.normalize(form, text) for text in _TWINS for form in ("NFC", "NFD", "NFKC")
    ]
    controls = [f"a{chr(code)}b" for code in (*range(32), *range(127, 160))]
    long = [
        "x" * 20_000,
        "<b>" * 3000,
        "\x1b[1m" * 2000,
        "a\u0300" * 3000,
        "word " * 4000,
        "\n" * 2000,
    ]
    noise = ["".join(chr(rng.randrange(1, 0x3000)) for _ in range(30)) for _ in range(30)]
    return tuple(
        dict.fromkeys([*plain, *broken, *nested, *mixed, *twins, *controls, *long, *noise])
    )


def in_utf8() -> tuple[str, ...]:
    """Return the texts that UTF-8 can hold: no lone surrogates."""
    return tuple(
        text for text in corpus() if not any("\ud800" <= sign <= "\udfff" for sign in text)
    )
