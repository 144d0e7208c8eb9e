"""Why a wrong answer counts as wrong: its form failed, or the answer."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from decimal import Decimal
from functools import cache

from forgetscope.records import FormatClass, Item, OutputType, Score

__all__ = ["classify"]

FEWEST_LETTERS = 6
"""Letters that an answer must have before its script says anything."""

_SORRY = (
    r"(?:(?:i['’]?\s?a?m\s+)?(?:very\s+|so\s+|truly\s+)?sorry\b|(?:my\s+)?apologies|"
    r"i\s+apologi[sz]e|unfortunately|as\s+an?\s+(?:ai|language|artificial)\b[^.,\n]{0,40})"
    r"[\s,.!:;—-]*(?:but\s+|that\s+)?"
)
_UNABLE = (
    r"i(?:\s*(?:can\s?not|can['’]t|could\s+not|won['’]t|will\s+not)|"
    r"(?:\s+am|['’]m)\s+(?:not\s+able|unable|not\s+(?:allowed|permitted|comfortable)))"
)
_TO_ANSWER = (
    r"(?:$|[.!]|\s+(?:(?:to|with|in|be|you|doing)\s+)*(?:help(?!\s+but\b)|assist\w*|answer\w*|"
    r"provid\w*|compl[yi]\w*|do|fulfil\w*|discuss\w*|engag\w*|creat\w*|generat\w*|giv\w*|support|"
    r"respond\w*|continu\w*|shar\w*|that|this)\b)"
)
_OPENING = re.compile(
    r"[\W_]*(?:"
    + "|".join(
        (
            rf"(?:{_SORRY})*{_UNABLE}{_TO_ANSWER}",
            rf"(?:{_SORRY})*i\s+(?:must\s+|have\s+to\s+)?(?:decline|refuse)\b",
            r"(?:désolée?,?\s+(?:mais\s+)?)?je\s+ne\s+(?:peux|puis)\s+pas\s+"
            r"(?:vous\s+)?(?:répondre|aider|fournir)",
            r"(?:lo\s+siento,?\s+(?:pero\s+)?)?no\s+puedo\s+(?:ayudar|responder|proporcionar)",
            r"(?:es\s+tut\s+mir\s+leid,?\s+(?:aber\s+)?)?(?:dabei\s+kann\s+ich|ich\s+kann)\s+"
            r"(?:\w+\s+){0,4}nicht\s+(?:helfen|beantworten)",
            r"(?:(?:извините|к\s+сожалению),?\s+(?:но\s+)?)?я\s+не\s+могу\s+(?:помочь|ответить)",
            r"(?:很?抱歉|对不起|對不起)?[，,]?\s*(?:但)?我?(?:无法|無法|不能)(?:回答|提供|帮助|協助)",
        )
    )
    + ")",
    re.IGNORECASE,
)
"""An answer that begins so declines. What says that it does not know is a wrong answer instead."""

_GOES_ON = re.compile(
    r"\b(?:answer\s*(?:is|:|=)|however|nevertheless|that\s+said|here\s+(?:is|are)|instead,)"
    r"|####|\\boxed",
    re.IGNORECASE,
)
"""Where an answer that began by declining goes on to answer."""

_NUMBER = re.compile(r"(?<![\w.,])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d\w])(?!\.\d)")
_SENTENCE_END = re.compile(r"[.!?。！？\n]")


def classify(score: Score, item: Item, *, output_type: OutputType) -> FormatClass:
    """Say why the answer to an item counts as wrong; the first reason that fits is the one.

    `ELSEWHERE` is a hint, not a proof: the gold text stands in the answer as a whole word, or as a
    number of equal value, which for single letters and small numbers happens by accident.
    `OTHER_LANGUAGE` goes by the script of most letters, so it does not tell French from English,
    nor Chinese from Japanese.

    Parameters
    ----------
    score
        The answer, judged.
    item
        What was asked.
    output_type
        Options that are chosen by likelihood have no form that could fail.
    """
    if score.error is not None:
        return FormatClass.ERROR
    if output_type is not OutputType.GENERATE:
        return FormatClass.DIFFERENT
    if not score.answer.strip():
        return FormatClass.ERROR
    if score.is_truncated:
        return FormatClass.TRUNCATED
    return _of_text(score, item)


def _of_text(score: Score, item: Item) -> FormatClass:
    is_elsewhere = _stands_in(item.gold, score.answer)
    if not is_elsewhere and _declines(score):
        return FormatClass.REFUSED
    if score.is_invalid:
        return FormatClass.INVALID
    if is_elsewhere:
        return FormatClass.ELSEWHERE
    if _is_in_another_script(score.answer, item):
        return FormatClass.OTHER_LANGUAGE
    return FormatClass.DIFFERENT


def _declines(score: Score) -> bool:
    """Whether the answer begins by declining and does not go on to answer."""
    opening = _OPENING.match(score.answer)
    if opening is None:
        return False
    rest = score.answer[opening.end() :]
    if _GOES_ON.search(rest):
        return False
    end = _SENTENCE_END.search(rest)
    after = rest[end.end() :] if end else ""
    read = (score.extracted or "").strip()
    is_whole = read == score.answer.strip()
    return is_whole or score.is_invalid or not read or read not in after


def _stands_in(gold: str, answer: str) -> bool:
    """Whether one of the gold texts stands in the answer, apart from case, blanks and digits' form.

    Of a worked solution, the gold text is what follows its last `####`.
    """
    given = _plain(answer)
    for text in gold.split(" | "):
        wanted = _plain(text.rpartition("####")[2])
        if not wanted:
            continue
        if re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", given):
            return True
        value = _NUMBER.fullmatch(wanted.lstrip("$").rstrip(".%"))
        if value and _value(value[0]) in map(_value, _NUMBER.findall(given)):
            return True
    return False


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _value(number: str) -> Decimal:
    return Decimal(number.replace(",", "").replace("−", "-"))


def _is_in_another_script(answer: str, item: Item) -> bool:
    """Whether most letters of the answer are of a script that neither prompt nor gold is in."""
    script, n_letters = _dominant_script(answer)
    if script is None or n_letters < FEWEST_LETTERS:
        return False
    asked, gold = _dominant_script(item.prompt)[0], _dominant_script(item.gold)[0]
    return (asked is not None or gold is not None) and script not in (asked, gold)


def _dominant_script(text: str) -> tuple[str | None, int]:
    """Return the script of more than half of the letters, if there is one, and their number."""
    counts: Counter[str] = Counter()
    for character, n in Counter(text).items():
        if character.isalpha():
            counts[_script(character)] += n
    n_letters = counts.total()
    if not n_letters:
        return None, 0
    script, n = counts.most_common(1)[0]
    return (script if 2 * n > n_letters else None), n_letters


@cache
def _script(letter: str) -> str:
    """Return the script that the letter's Unicode name begins with."""
    words = unicodedata.name(letter, "UNNAMED").split()
    first = words[1] if words[0] in ("FULLWIDTH", "HALFWIDTH") and len(words) > 1 else words[0]
    return _TOGETHER.get(first, first)


_TOGETHER = dict.fromkeys(("HIRAGANA", "KATAKANA", "IDEOGRAPHIC"), "CJK")
"""Scripts that one language mixes."""
