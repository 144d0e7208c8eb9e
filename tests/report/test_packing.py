"""Items: what is kept of them, and how they travel inside the page."""

import math
import random
import re
import string
from importlib import resources

from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Transition
from forgetscope.report.entry import LONGEST, shortened
from forgetscope.report.packing import BLOCK_ITEMS, pack_items, unpack
from forgetscope.report.reading import item_page
from tests.report import made

BASE64 = set(string.ascii_letters + string.digits + "+/=")


def page(*stories):
    return item_page(stories, order=["logic"], checkpoints=["base", "step 10", "step 2,000"])


def packed_page(*stories):
    found = page(*stories)
    return pack_items(found.entries, checkpoints=found.checkpoints)


@given(st.text(max_size=200), st.text(max_size=200))
def test_packed_texts_come_back_and_cannot_close_a_tag(prompt, answer):
    packed = packed_page(made.story(prompt=prompt, after=answer))
    [block] = packed.blocks
    assert set(block) | set(packed.index) <= BASE64
    [[found_prompt, _, _, _, found_answer, *_]] = unpack(block)
    assert (found_prompt, found_answer) == (prompt, answer)


def test_hostile_texts_come_back_unchanged():
    stories = [made.story(place, after=text) for place, text in enumerate(made.HOSTILE)]
    [block] = packed_page(*stories).blocks
    assert [texts[4] for texts in unpack(block)] == list(made.HOSTILE)


def test_every_item_lies_in_the_block_its_place_says():
    stories = [made.story(number) for number in range(BLOCK_ITEMS + 5)]
    packed = packed_page(*stories)
    rows = unpack(packed.index)["rows"]
    assert [len(unpack(block)) for block in packed.blocks] == [BLOCK_ITEMS, 5]
    for place, row in enumerate(rows):
        texts = unpack(packed.blocks[place // BLOCK_ITEMS])[place % BLOCK_ITEMS]
        number = int(row[0].removeprefix("riddles-"))
        assert texts[1] == str(number + 1)


def test_ten_thousand_changed_items_take_less_than_15_megabytes():
    rng = random.Random(0)
    words = ["".join(rng.choices(string.ascii_lowercase, k=6)) for _ in range(5000)]

    def prose(n_letters):
        return " ".join(rng.choices(words, k=n_letters // 7))

    stories = [
        made.story(number, prompt=prose(700), before=prose(450), after=prose(450))
        for number in range(10_000)
    ]
    packed = packed_page(*stories)
    assert len(packed.index) + sum(map(len, packed.blocks)) < 15_000_000


def test_equal_items_give_equal_text():
    stories = [made.story(number) for number in range(5)]
    assert packed_page(*stories) == packed_page(*stories)


def test_outcomes_tell_right_wrong_partly_and_absent():
    [entry] = page(made.story(outcomes=(1.0, 0.0, 0.5, math.nan))).entries
    assert entry.outcomes == "10h-"


def test_a_long_text_keeps_both_ends_and_says_what_is_missing():
    text = "begin" + "x" * 9000 + "end"
    short = shortened(text)
    assert short.startswith("beginx")
    assert short.endswith("xend")
    assert f"{len(text) - 4000:,} characters left out" in short
    assert len(short) < LONGEST + 60


@given(st.text(max_size=LONGEST))
def test_a_short_text_is_kept_whole(text):
    assert shortened(text) == text


def test_what_all_prompts_of_a_task_begin_with_is_stored_once():
    head = "Q: 1+1?\nA: 2\n\nQ: 2+2?\nA: 4\n\n"
    found = page(*[made.story(number, prompt=f"{head}Q: {number}?") for number in range(3)])
    assert {entry.head for entry in found.entries} == {head}
    assert [entry.prompt for entry in found.entries] == ["Q: 0?", "Q: 1?", "Q: 2?"]
    assert unpack(pack_items(found.entries, checkpoints=found.checkpoints).index)["heads"] == [head]


@given(st.lists(st.text(alphabet="ab\n", max_size=12), min_size=1, max_size=5))
def test_head_and_prompt_together_are_the_prompt(prompts):
    found = page(*[made.story(number, prompt=prompt) for number, prompt in enumerate(prompts)])
    assert [entry.head + entry.prompt for entry in found.entries] == prompts


def test_a_single_prompt_keeps_its_text():
    [entry] = page(made.story(prompt="Once.\n\nThen.")).entries
    assert (entry.head, entry.prompt) == ("", "Once.\n\nThen.")


def test_what_became_of_an_item_orders_the_page():
    turns = (Transition.RETAINED, Transition.UNSOLVED, Transition.GAINED, Transition.LOST)
    found = page(*[made.story(number, transition=turn) for number, turn in enumerate(turns)])
    assert [entry.transition for entry in found.entries] == list(reversed(turns))


def test_the_page_hides_no_character_that_the_python_side_shows():
    from forgetscope.report import wording

    script = resources.files("forgetscope.report").joinpath("reader.js").read_text("utf-8")
    [pattern] = re.findall(r"const HIDDEN = /\[(.*)\]/gu;", script)
    in_python = re.compile(
        "[" + re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: f"\\U{int(m[1], 16):08x}", pattern) + "]"
    )
    for code in [*range(0x3200), *range(0xD800, 0x10000), *range(0xE0000, 0xE1000)]:
        sign = chr(code)
        assert bool(in_python.match(sign)) == (wording.clean(sign) != sign), hex(code)
