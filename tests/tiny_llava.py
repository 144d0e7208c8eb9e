"""A tiny random model that sees, whose processor any process can open without torchvision."""

from __future__ import annotations

from pathlib import Path

import torch
from datasets import Dataset, Features, Image, Sequence, Value
from transformers import (
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from tests.tiny import tiny_tokenizer

PLACE = "<image>"
CHAT = (
    "{% for message in messages %}[{{ message['role'] }}] "
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)


def save_tiny_llava(folder: Path, *, seed: int = 0) -> Path:
    """Save a random Llava of two layers for text and two for pictures, and its processor."""
    tokenizer = tiny_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": [PLACE]})
    tokenizer.pad_token = tokenizer.eos_token
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(
            **size, num_attention_heads=2, image_size=28, patch_size=14, projection_dim=16
        ),
        text_config=LlamaConfig(
            **size,
            vocab_size=len(tokenizer),
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=1024,
            initializer_range=0.3,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        ),
        image_token_id=tokenizer.convert_tokens_to_ids(PLACE),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlavaForConditionalGeneration(config)
        for name, weight in model.named_parameters():
            if "vision" in name or "projector" in name:  # far enough from nothing to be seen
                torch.nn.init.normal_(weight, std=0.5)
    pictures = CLIPImageProcessorPil(
        size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}
    )
    processor = LlavaProcessor(
        pictures,
        tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=CHAT,
    )
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def write_chart_mirror(folder: Path, pictures: list, *, name: str = "test") -> Path:
    """Write a mirror of ChartQA with these pictures, as `datasets` writes them."""
    place = folder / "HuggingFaceM4" / "ChartQA" / "default"
    place.mkdir(parents=True, exist_ok=True)
    features = Features(
        {"image": Image(), "query": Value("string"), "label": Sequence(Value("string"))}
    )
    rows = [{"image": each, "query": "which colour?", "label": ["red"]} for each in pictures]
    Dataset.from_list(rows, features=features).to_parquet(place / f"{name}.parquet")
    return folder
