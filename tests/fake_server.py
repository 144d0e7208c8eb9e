"""A server with OpenAI's interface for completions, which serves a tiny model's real numbers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


@dataclass
class FakeServer:
    """What it serves, and how it misbehaves."""

    folder: Path
    models: list[str] = field(default_factory=lambda: ["tiny"])
    n_good: int | None = None
    """Completions before it answers 500; `None`: it never does."""
    echoes: bool = True
    """Whether a prompt comes back with its log-probabilities."""
    url: str = ""
    n_asked: int = 0
    seeds: set[int] = field(default_factory=set)

    def __post_init__(self):
        self.model = AutoModelForCausalLM.from_pretrained(self.folder, dtype=torch.float32).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(self.folder)
        self.lock = threading.Lock()

    @torch.inference_mode()
    def complete(self, payload: dict) -> dict:
        prompts = payload["prompt"]
        choices = [
            {"index": index, **self._choice(tokens, payload)}
            for index, tokens in enumerate(prompts)
        ]
        return {"choices": choices}

    def _choice(self, tokens: list[int], payload: dict) -> dict:
        written, logprobs, tops = [], [None], [None]
        while True:
            scores = self.model(torch.tensor([tokens + written])).logits[0].log_softmax(-1)
            best = int(scores[-1].argmax())
            written.append(best)
            text = self.tokenizer.decode(written, skip_special_tokens=False)
            cut = [text.find(stop) for stop in payload.get("stop") or () if stop in text]
            if cut or len(written) >= payload["max_tokens"]:
                break
        if not payload.get("echo"):
            return {"text": text[: min(cut)] if cut else text, "logprobs": None}
        whole = tokens + written
        for place, token in enumerate(whole[1:]):
            logprobs.append(float(scores[place, token]))
            tops.append({"best": float(scores[place].max())})
        if not self.echoes:
            logprobs, tops = logprobs[-1:], tops[-1:]
        return {"text": "", "logprobs": {"token_logprobs": logprobs, "top_logprobs": tops}}


@contextmanager
def serving(server: FakeServer) -> Iterator[FakeServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/v1/models"
            models = {"data": [{"id": name} for name in server.models]}
            self._say(200 if found else 404, models if found else {})

        def do_POST(self):
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with server.lock:
                server.n_asked += 1
                server.seeds.add(payload["seed"])
                is_good = server.n_good is None or server.n_asked <= server.n_good
                self._say(200 if is_good else 500, server.complete(payload) if is_good else {})

        def _say(self, status, content):
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(BrokenPipeError):  # whoever gave up after another refusal
                self.wfile.write(data)

        def log_message(self, *_):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://127.0.0.1:{httpd.server_port}/v1"
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
