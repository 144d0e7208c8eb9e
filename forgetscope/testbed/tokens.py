"""A tokenizer of characters, saved as an ordinary tokenizer folder."""

from __future__ import annotations

import string

from tokenizers import Regex, Tokenizer
from tokenizers.decoders import Fuse
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import PreTrainedTokenizerFast

__all__ = ["ALPHABET", "character_tokenizer"]

PAD, BOS, EOS, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"

ALPHABET = "\n" + "".join(sorted(string.ascii_letters + string.digits + string.punctuation + " "))
"""The characters that have a token of their own: printable ASCII and the line feed."""


def character_tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer with one token per character of `ALPHABET`.

    Text over the alphabet comes back from ``decode(encode(text))`` unchanged, and encoding is
    additive: the tokens of ``a + b`` are those of ``a`` and then those of ``b``. No token is
    added on its own, neither at the beginning nor at the end.
    """
    tokens = (PAD, BOS, EOS, UNKNOWN, *ALPHABET)
    tokenizer = Tokenizer(
        WordLevel({token: i for i, token in enumerate(tokens)}, unk_token=UNKNOWN)
    )
    # not a dot: it would leave the line feed out
    tokenizer.pre_tokenizer = Split(Regex(r"[\s\S]"), behavior="isolated")
    tokenizer.decoder = Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=BOS,
        eos_token=EOS,
        unk_token=UNKNOWN,
        clean_up_tokenization_spaces=False,
        padding_side="left",
        model_input_names=["input_ids", "attention_mask"],
    )
