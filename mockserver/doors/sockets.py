"""The socket that a server listens on."""

from __future__ import annotations

import socket

from ..errors import PixelpactError

# Connections that the system accepts for a server that is busy.
BACKLOG = 1024


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
