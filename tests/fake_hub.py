"""A hub of models on this machine: the part of its HTTP interface that forgetscope asks."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass
class FakeHub:
    """What the hub holds: folders by repository and revision."""

    branches: dict[str, dict[str, Path]] = field(default_factory=dict)
    tags: dict[str, dict[str, Path]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Paths that were asked for."""
    url: str = ""

    def folder(self, repository: str, revision: str) -> Path | None:
        known = {**self.branches.get(repository, {}), **self.tags.get(repository, {})}
        by_commit = {commit_of(repository, name): folder for name, folder in known.items()}
        return known.get(revision) or by_commit.get(revision)


def commit_of(repository: str, revision: str) -> str:
    return hashlib.sha1(f"{repository}@{revision}".encode()).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub

    def do_GET(self):
        path = unquote(urlsplit(self.path).path).strip("/")
        self.hub.asked.append(path)
        parts = path.split("/")
        if parts[:2] == ["api", "models"]:
            self._model("/".join(parts[2:4]), parts[4:])
        elif len(parts) > 4 and parts[2] == "resolve":
            self._file("/".join(parts[:2]), parts[3], "/".join(parts[4:]))
        else:
            self._refuse("EntryNotFound")

    do_HEAD = do_GET

    def _model(self, repository, rest):
        if repository not in {*self.hub.branches, *self.hub.tags}:
            self._refuse("RepoNotFound")
        elif rest[:1] == ["refs"]:
            self._say(
                {
                    kind: [
                        {
                            "name": name,
                            "ref": f"refs/{name}",
                            "targetCommit": commit_of(repository, name),
                        }
                        for name in found.get(repository, {})
                    ]
                    for kind, found in (("branches", self.hub.branches), ("tags", self.hub.tags))
                }
                | {"converts": []}
            )
        elif rest[:1] == ["tree"]:
            self._refuse("EntryNotFound")  # no folder lies below another here
        else:
            revision = "/".join(rest[1:]) or "main"
            folder = self.hub.folder(repository, revision)
            if folder is None:
                self._refuse("RevisionNotFound")
                return
            commit = commit_of(repository, revision)
            files = [{"rfilename": file.name} for file in sorted(folder.iterdir())]
            self._say({"id": repository, "sha": commit, "siblings": files})

    def _file(self, repository, revision, name):
        folder = self.hub.folder(repository, revision)
        if folder is None or not (folder / name).is_file():
            self._refuse("RevisionNotFound" if folder is None else "EntryNotFound")
            return
        data = (folder / name).read_bytes()
        self.send_response(200)
        self.send_header("X-Repo-Commit", revision)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def _say(self, content):
        data = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _refuse(self, code):
        self.send_response(404)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def serving(hub: FakeHub) -> Iterator[FakeHub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
