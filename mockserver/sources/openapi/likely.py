"""What of a folder's files was meant as a specification."""

from __future__ import annotations

import re

from .gathering import Found
from .problems import Problem

SUFFIXES = (".json", ".yaml", ".yml")
SPECIFYING = re.compile(rb"^['\"]?(?:openapi|swagger)['\"]?\s*:", re.MULTILINE)
# Reasons that a folder may well have such a file for.
OF_NO_IMAGES = "no operation about images"
STRAY = ("no OpenAPI document", OF_NO_IMAGES)


def is_other_yaml(found: Found | Problem) -> bool:
    """Whether a file is YAML that is no specification, as the settings of a program."""
    return isinstance(found, Found) and is_yaml(found.name) and not SPECIFYING.search(found.data)


def is_yaml(name: str) -> bool:
    """Whether a file says that it is YAML."""
    return name.lower().endswith(SUFFIXES[1:])
