"""A real browser with a page of ours: what it serves, and what the page says."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

__all__ = ["said_by_page", "shown_by_page"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_LIMIT_S = 100
_TYPES = {".html": "text/html", ".mjs": "text/javascript", ".json": "application/json"}
# A name that no secure context has, and that leads here all the same.
INSECURE = "phone.example"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, files: Mapping[str, bytes], said: queue.Queue[Any], *arguments: Any) -> None:
        self._files = files
        self._said = said
        super().__init__(*arguments)

    def do_GET(self) -> None:
        content = self._files.get(self.path.removeprefix("/"))
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Type", _TYPES.get(Path(self.path).suffix, "text/plain") + "; charset=utf-8")
        self.end_headers()
        self.wfile.write(content or b"")

    def do_POST(self) -> None:
        self._said.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def _command(folder: Path, *more: str) -> list[str]:
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium here")
    # Whoever is root gets no sandbox, and CI often is. Nothing but this machine is reached.
    rights = ["--no-sandbox"] if os.geteuid() == 0 else []
    hosts = f"MAP {INSECURE} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    profile = f"--user-data-dir={folder / 'profile'}"
    return [browser, "--headless", "--disable-gpu", f"--host-resolver-rules={hosts}", profile, *rights, *more]


def said_by_page(files: Mapping[str, bytes], page: str, folder: Path, host: str = "127.0.0.1") -> Any:
    """The JSON that a page among `files` posts to where it came from."""
    said: queue.Queue[Any] = queue.Queue()
    command = _command(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, files, said)) as server:
        threading.Thread(target=server.serve_forever).start()
        address = f"http://{host}:{server.server_port}/{page}"
        with subprocess.Popen([*command, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            try:
                return said.get(timeout=_LIMIT_S)
            finally:
                browser.terminate()
                server.shutdown()


def shown_by_page(files: Mapping[str, bytes], page: str, folder: Path) -> str:
    """A page as it is when its scripts have run."""
    command = _command(folder, "--virtual-time-budget=5000", "--dump-dom")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, files, queue.Queue())) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            address = f"http://127.0.0.1:{server.server_port}/{page}"
            done = subprocess.run([*command, address], capture_output=True, text=True, timeout=_LIMIT_S, check=True)
        finally:
            server.shutdown()
    return done.stdout
