"""The mock as its users start it: the command, a port that it picks, its address on the first line."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .homes import NotHere


@contextmanager
def serving(profile: str) -> Iterator[str]:
    """The base URL of a mock of that profile. Raises NotHere if there is no such profile."""
    command = [str(Path(sys.executable).with_name("pixelpact")), "serve", "--port", "0", "--profile", profile]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        assert process.stdout
        url = process.stdout.readline().strip()
        if not url:
            process.wait()
            said.seek(0)
            raise NotHere(" ".join(said.read().split()))
        try:
            yield url
        finally:
            process.terminate()
