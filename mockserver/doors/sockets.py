"""The socket that a server listens on."""

from __future__ import annotations

import errno
import logging
import socket
from asyncio import AbstractEventLoop
from math import inf
from typing import Any

from ..errors import PixelpactError

# Connections that the system accepts for a server that is busy.
BACKLOG = 1024
LOG = logging.getLogger("pixelpact.serve")
# What the system says where it has no room for a connection.
SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
# So often that is told.
TOLD = 60.0  # seconds


class CannotListen(PixelpactError):
    """The address cannot be listened on: the port is in use, or the host is not this machine's."""


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is a free one. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as reason:
        # `create_server` appends the address to what the system says.
        said = str(reason.strerror).partition(" (while")[0]
        raise CannotListen(f"cannot listen on {host}:{port}: {said}") from reason


def base_url(host: str, listener: socket.socket) -> str:
    """Where a client finds it."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


# How asyncio names what listens again after a second.
AGAIN = "_start_serving"


class Exhaustion:
    """What a loop does with errors: that the system has no room for another connection is said now and then."""

    def __init__(self) -> None:
        self._said = -inf

    def __call__(self, loop: AbstractEventLoop, context: dict[str, Any]) -> None:
        """Tell of an error; asyncio itself stops accepting for a second."""
        error = context.get("exception")
        if AGAIN in context.get("message", ""):
            # For each try there is one more to come, even once the listener is closed.
            return
        if not (isinstance(error, OSError) and error.errno in SCARCE and "socket" in context):
            loop.default_exception_handler(context)
        elif loop.time() - self._said > TOLD:
            self._said = loop.time()
            LOG.error("no connection can be accepted: %s; it is tried again every second", error.strerror)
