"""An HTTP proxy, as a school's network has one: what packages come through, and what came through it."""

from __future__ import annotations

import select
import shutil
import socket
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Proxy(ThreadingHTTPServer):
    """Passes requests on, and remembers of each which host it was for."""

    def __init__(self, address: str) -> None:
        super().__init__((address, 0), _Passer)
        self.hosts: set[str] = set()


class _Passer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        self.server.hosts.add(str(asked.hostname))
        ours = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        there = HTTPConnection(str(asked.hostname), asked.port or 80, timeout=60)
        try:
            there.request(self.command, asked._replace(scheme="", netloc="").geturl(), headers=ours)
            answer = there.getresponse()
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in ("connection", "transfer-encoding"):
                    self.send_header(name, value)
            self.close_connection = answer.getheader("content-length") is None and answer.status != 304
            self.end_headers()
            shutil.copyfileobj(answer, self.wfile)
        finally:
            there.close()

    do_HEAD = do_GET

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        self.server.hosts.add(host)
        self.close_connection = True
        with socket.create_connection((host, int(port)), timeout=60) as there:
            self.send_response_only(200)
            self.end_headers()
            ends = {self.connection: there, there: self.connection}
            while ready := select.select(list(ends), [], [], 60)[0]:
                for end in ready:
                    if not (data := end.recv(65536)):
                        return
                    ends[end].sendall(data)

    def log_message(self, *args: object) -> None:
        pass
