"""What every probe does: a line of requests comes in, a line of answers goes out, each a list in JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def serve(answer: Callable[[Any], Any]) -> None:
    """Answer until stdin ends. The requests of a line are sent at once, and answered in their order."""
    out = sys.stdout
    # Some clients print too.
    sys.stdout = sys.stderr
    with ThreadPoolExecutor(8) as pool:
        for line in sys.stdin:
            print(json.dumps([*pool.map(answer, json.loads(line))]), file=out, flush=True)
