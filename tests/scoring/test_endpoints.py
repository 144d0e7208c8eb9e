"""Addresses of servers, as people write them, and what a server says of its models."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from forgetscope.errors import CheckpointError, ForgetscopeError, UnknownNameError, UsageError
from forgetscope.records import CheckpointKind
from forgetscope.scoring import (
    EngineConfig,
    backend_for,
    describe_engine,
    open_tokenizer,
    resolve_series,
)
from forgetscope.scoring.endpoints import Endpoint, parse_endpoint


@pytest.fixture(scope="module")
def server():
    """A server whose `/v1/models` says what the test puts there: a status and a body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, content = httpd.answer
            httpd.keys.append(self.headers.get("Authorization"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_):
            pass

    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    httpd.keys = []
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    httpd.url = f"http://127.0.0.1:{httpd.server_port}/v1"
    yield httpd
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture
def has(server):
    def models(*names):
        server.answer = 200, json.dumps({"data": [{"id": name} for name in names]})
        return server.url

    return models


def test_a_route_and_a_slash_at_the_end_mean_the_same_server():
    endpoint = Endpoint(base_url="http://host:1/v1", model="org/model")
    for text in ("", "/", "/completions", "/chat/completions"):
        assert parse_endpoint(f"http://host:1/v1{text}#org/model") == endpoint


def test_a_source_is_read_as_it_was_written():
    for source in ("http://host/v1?tokenizer=a/b#m", "https://host:8/v1#org/m"):
        assert parse_endpoint(source).source == source


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("http://me:secret@host/v1#m", "password"),
        ("http:///v1#m", "names no server"),
        ("http://host/v1?tokeniser=x#m", "tokeniser"),
    ],
)
def test_addresses_that_cannot_be_meant_are_usage_errors(source, word):
    with pytest.raises(UsageError, match=word) as caught:
        resolve_series([source])
    assert "secret" not in f"{caught.value.message}{caught.value.hint}"


def test_the_only_model_of_a_server_needs_no_name(has):
    url = has("org/tiny-step")
    (checkpoint,) = resolve_series([url])
    assert checkpoint.kind is CheckpointKind.ENDPOINT
    assert (checkpoint.label, checkpoint.source) == ("tiny-step", f"{url}#org/tiny-step")
    assert checkpoint.fingerprint == resolve_series([f"x={url}#org/tiny-step"])[0].fingerprint


def test_models_of_one_server_are_a_series(has):
    url = has("base", "checkpoint-10")
    series = resolve_series([f"{url}#base", f"{url}#checkpoint-10"])
    assert [(c.label, c.step) for c in series] == [("base", None), ("checkpoint-10", 10)]
    assert len({c.fingerprint for c in series}) == 2


def test_a_choice_among_models_is_the_person_s(has):
    with pytest.raises(UsageError, match="`one`, `two`"):
        resolve_series([has("one", "two")])
    with pytest.raises(UnknownNameError) as caught:
        resolve_series([f"{has('model-a', 'x')}#modle-a"])
    assert "`model-a`" in (caught.value.hint or "")


def test_a_server_that_does_not_list_its_models_is_believed(server):
    server.answer = 404, ""
    assert resolve_series([f"{server.url}#any"])[0].label == "any"
    with pytest.raises(UsageError, match="one is meant"):
        resolve_series([server.url])


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ((401, ""), "401"),
        ((500, ""), "500"),
        ((200, "<html>"), "does not answer like"),
        ((200, "[]"), "does not answer like"),
    ],
)
def test_a_server_that_refuses_is_one_error(server, answer, word):
    server.answer = answer
    with pytest.raises(CheckpointError, match=word) as caught:
        resolve_series([f"{server.url}#m"])
    assert caught.value.exit_code == 4


def test_a_server_that_is_down_is_one_error():
    with pytest.raises(CheckpointError, match="cannot be reached"):
        resolve_series(["http://127.0.0.1:9/v1#m"])


def test_a_key_is_sent_where_the_variable_is_set_and_stands_nowhere(has, server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k-123")
    (checkpoint,) = resolve_series([has("m")])
    assert server.keys[-1] == "Bearer k-123"
    assert "k-123" not in repr(checkpoint)


def test_the_tokenizer_is_named_or_is_the_model_s(has, llama):
    url = has("tiny", str(llama))
    named, own, none = resolve_series(
        [f"{url}?tokenizer={llama}#tiny", f"{url}#{llama}", f"x={url}#tiny"]
    )
    assert open_tokenizer(named).fingerprint == open_tokenizer(own).fingerprint
    with pytest.raises(CheckpointError, match="needs a tokenizer") as caught:
        open_tokenizer(none)
    assert "?tokenizer=FOLDER#tiny" in (caught.value.hint or "")


def test_a_server_is_asked_by_its_own_backend_whatever_answers_for_the_others(has, llama):
    served, own = resolve_series([f"{has('tiny')}?tokenizer={llama}#tiny", str(llama)])
    assert backend_for(served, EngineConfig()) == "local-completions"
    assert backend_for(own, EngineConfig()) is None
    described = describe_engine(open_tokenizer(served), EngineConfig(), checkpoint=served)
    assert (described["engine"], described["dtype"]) == ("lm-eval local-completions", "as served")


def test_engines_that_cannot_ask_or_have_nobody_to_ask_are_refused(has, llama):
    served, own = resolve_series([has("tiny"), str(llama)])
    for checkpoint, name in ((served, "lm_eval:hf"), (own, "lm_eval:local-completions")):
        with pytest.raises(ForgetscopeError) as caught:
            backend_for(checkpoint, EngineConfig(name=name))
        assert caught.value.exit_code == 2
        assert caught.value.hint
