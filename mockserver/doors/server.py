"""A socket as the way in: the mock on a port of its own, in a thread."""

from __future__ import annotations

from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .sockets import CannotListen as CannotListen
from .sockets import base_url, listening
from .wire import Wire

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


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
        # The socket is bound here, as werkzeug ends the process when it cannot; it takes a copy, so ours is closed.
        with listening(host, port) as listener:
            self.url = base_url(host, listener)
            self._server = _serving(self._wire, host, port, listener.fileno())
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
        """Answer until it is shut down, then give the port back."""
        # A short poll: stopping waits for it.
        self._server.serve_forever(poll_interval=0.02)


def _serving(app: WSGIApplication, host: str, port: int, listener: int) -> BaseWSGIServer:
    server = make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=listener)
    server.daemon_threads = True  # type: ignore[attr-defined]  # the threaded subclass has it
    return server
