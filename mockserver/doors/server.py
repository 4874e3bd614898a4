"""A socket as the way in: the mock on a port of its own, in a thread or in the foreground."""

from __future__ import annotations

import socket
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from ..errors import PixelpactError
from .wire import Wire

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


class CannotListen(PixelpactError):
    """The address cannot be listened on: the port is in use, or the host is not this machine's."""


class _Quiet(WSGIRequestHandler):
    """One connection; no line a request, as a URL holds a signature."""

    # A sender that stalls must not hold its thread for ever.
    timeout = 60

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer; its date is the application's, or the wire's."""
        self.send_response_only(code, message)
        self.send_header("Server", self.version_string())

    def connection_dropped(
        self,
        error: BaseException,  # noqa: ARG002 - Werkzeug's signature
        environ: WSGIEnvironment | None = None,  # noqa: ARG002
    ) -> None:
        """Answer nothing more on it, not even what has been read already."""
        self.close_connection = True

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


class Server:
    """The mock behind a socket. A context manager: inside it, `url` answers."""

    def __init__(self, app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        self._wire = Wire(app)
        self._server = _listening(self._wire, host, port)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.port}"
        self._thread = Thread(target=self.serve_forever, name="pixelpact", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        # Whoever waits in it would be waited for.
        self._wire.close()
        self._server.shutdown()
        self._thread.join()

    def serve_forever(self) -> None:
        """Answer until interrupted, then give the port back."""
        # A short poll: stopping waits for it.
        self._server.serve_forever(poll_interval=0.02)


def _listening(app: WSGIApplication, host: str, port: int) -> BaseWSGIServer:
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as reason:
        # `create_server` appends the address to what the system says.
        said = str(reason.strerror).partition(" (while")[0]
        raise CannotListen(f"cannot listen on {host}:{port}: {said}") from reason
    # The socket is bound here, as werkzeug ends the process when it cannot; it takes a copy, so ours is closed.
    with listener:
        server = make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno())
    server.daemon_threads = True  # type: ignore[attr-defined]  # the threaded subclass has it
    return server
