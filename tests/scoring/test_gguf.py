"""GGUF files answer like the safetensors they were written from."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import pytest
from safetensors.numpy import load_file

from forgetscope.records import Decoding
from tests.scoring.conftest import ask_answer, ask_pair, engine_of
from tests.tiny import tiny_tokenizer

N_HEADS, N_KV_HEADS = 4, 2
LAYER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def gguf_name(name: str) -> str:
    if name.startswith("model.layers."):
        _, _, layer, rest = name.split(".", 3)
        return f"blk.{layer}.{LAYER[rest.removesuffix('.weight')]}.weight"
    return {
        "model.embed_tokens.weight": "token_embd.weight",
        "model.norm.weight": "output_norm.weight",
        "lm_head.weight": "output.weight",
    }[name]


def interleaved(weight, n_heads):
    """Rotary halves side by side, as llama.cpp wants queries and keys."""
    halves = weight.reshape(n_heads, 2, -1, weight.shape[1])
    return halves.swapaxes(1, 2).reshape(weight.shape)


@pytest.fixture(scope="module")
def gguf_file(llama, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_context_length(128)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(N_HEADS)
    writer.add_head_count_kv(N_KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(8)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(320)
    add_tokenizer(writer)
    for name, weight in load_file(llama / "model.safetensors").items():
        if "q_proj" in name or "k_proj" in name:
            weight = interleaved(weight, N_HEADS if "q_proj" in name else N_KV_HEADS)
        writer.add_tensor(gguf_name(name), weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_tokenizer(writer):
    rules = json.loads(tiny_tokenizer().backend_tokenizer.to_str())["model"]
    tokens = sorted(rules["vocab"], key=rules["vocab"].get)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    special = gguf.TokenType.CONTROL
    writer.add_token_types([special, special, *[gguf.TokenType.NORMAL] * (len(tokens) - 2)])
    writer.add_token_merges([" ".join(pair) for pair in rules["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(False)


def test_a_gguf_file_answers_like_its_safetensors(gguf_file, llama, capfd):
    asked = [
        ask_pair(0, "The quick", " brown fox"),
        ask_pair(1, "", "Paris is the capital"),
        ask_answer(2, "One and two are", decoding=Decoding(max_new_tokens=8)),
    ]
    capfd.readouterr()
    engine = engine_of(gguf_file)
    assert capfd.readouterr().err == ""
    answers = sorted(engine.answer(asked), key=lambda a: a.request_id)
    expected = sorted(engine_of(llama).answer(asked), key=lambda a: a.request_id)
    assert [a.logprob for a in answers[:2]] == pytest.approx(
        [a.logprob for a in expected[:2]], abs=1e-4
    )
    assert answers[2].text == expected[2].text
    assert [a.n_tokens for a in answers] == [a.n_tokens for a in expected]
