"""A specification and a page without a fault, for tests to plant one in."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pixelpact.contract.contract import load_all
from pixelpact.sources.lint.findings import Finding
from pixelpact.sources.lint.linting import lint

HOST = "https://api.aimlapi.com"
PATH = "/v1/images/generations"
URL = HOST + PATH
MODEL = "acme/painter-2.0"
CURL = f"""curl -X POST '{URL}' \\
  -H 'Authorization: Bearer <YOUR_AIMLAPI_KEY>' \\
  -H 'Content-Type: application/json' \\
  -d '{{"model": "{MODEL}", "prompt": "A kite.", "size": "1024x1024"}}'"""
ERROR = {"description": "Refused.", "content": {"application/json": {"schema": {"type": "object"}}}}
SPEC: dict[str, Any] = {
    "openapi": "3.0.0",
    "info": {"title": "Acme", "version": "1"},
    "servers": [{"url": HOST}],
    "security": [{"key": []}],
    "paths": {
        PATH: {
            "post": {
                "operationId": "paint",
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["model", "prompt"],
                                "properties": {
                                    "model": {"type": "string", "enum": [MODEL]},
                                    "prompt": {"type": "string", "maxLength": 400, "description": "In words."},
                                    "size": {"type": "string", "enum": ["512x512", "1024x1024"]},
                                    "image_urls": {
                                        "type": "array",
                                        "items": {"type": "string", "format": "uri"},
                                        "maxItems": 4,
                                        "description": "Up to 4 images.",
                                    },
                                    "seed": {"type": "integer", "minimum": 0, "maximum": 9, "description": "(0-9)"},
                                    "style": {"type": "string", "enum": ["oil", "ink"], "default": "oil"},
                                    "watermark": {"type": "boolean", "default": False},
                                },
                            }
                        }
                    }
                },
                "responses": {
                    "200": {
                        "description": "A picture.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["data"],
                                    "properties": {
                                        "data": {
                                            "type": "array",
                                            "items": {
                                                "type": "object",
                                                "properties": {
                                                    "url": {"type": "string", "example": "https://cdn.example/a.png"},
                                                    "size": {"type": "string"},
                                                },
                                            },
                                        },
                                        "meta": {
                                            "type": "object",
                                            "properties": {"credits_used": {"type": "number"}},
                                        },
                                    },
                                }
                            }
                        },
                    },
                    "400": ERROR,
                },
                "x-codeSamples": [{"lang": "cURL", "source": CURL}],
            }
        }
    },
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
}
OPERATION = ("paths", PATH, "post")
REQUEST = (*OPERATION, "requestBody", "content", "application/json", "schema")
FIELDS = (*REQUEST, "properties")
OK = (*OPERATION, "responses", "200")
ANSWER = (*OK, "content", "application/json", "schema")
SAMPLE = (*OPERATION, "x-codeSamples", 0, "source")

PAGE = f"""---
icon: brush
---

# Painter 2.0

{{% hint style="info" %}}
This documentation is valid for the following list of our models:

* `{MODEL}`
{{% endhint %}}

## Overview

It paints pictures of the specified size, up to 1024x1024.

## Example

{{% tabs %}}
{{% tab title="Python" %}}
{{% code overflow="wrap" %}}
```python
import requests


response = requests.post(
    "{URL}",
    headers={{"Authorization": "Bearer <YOUR_AIMLAPI_KEY>"}},
    json={{
        "model": "{MODEL}",
        "prompt": "A kite.",
        "size": "1024x1024",
        "watermark": False,
    }},
)
print(response.json())
```
{{% endcode %}}
{{% endtab %}}

{{% tab title="JS" %}}
```javascript
const response = await fetch('{URL}', {{
  method: 'POST',
  headers: {{ Authorization: 'Bearer <YOUR_AIMLAPI_KEY>', 'Content-Type': 'application/json' }},
  body: JSON.stringify({{
    model: '{MODEL}',
    prompt: 'A kite.',
    size: '1024x1024',
    watermark: false,
  }}),
}});
```
{{% endtab %}}
{{% endtabs %}}

<details>

<summary>Response</summary>

```json
{{
  "data": [{{"url": "https://cdn.example/a.png", "size": "1024x1024"}}],
  "meta": {{"credits_used": 3}}
}}
```

</details>

We obtained the following 1024x1024 picture.
"""


def spec_with(*changes: tuple[tuple[Any, ...], Any]) -> dict[str, Any]:
    """The specification with each path set to a value; None takes it away."""
    spec = copy.deepcopy(SPEC)
    for path, value in changes:
        node: Any = spec
        for key in path[:-1]:
            node = node[key]
        if value is None:
            del node[path[-1]]
        else:
            node[path[-1]] = value
    return spec


def page_with(*changes: tuple[str, str]) -> str:
    """The page with each text replaced, wherever it stands."""
    page = PAGE
    for old, new in changes:
        assert old in page, old
        page = page.replace(old, new)
    return page


def findings(folder: Path, files: Mapping[str, str | dict[str, Any]]) -> Iterator[Finding]:
    """What the linter finds in these documents of a folder."""
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content, indent=2)
        (folder / name).write_text(text, encoding="utf-8")
    yield from lint([str(folder)], load_all()).findings


def rules(folder: Path, page: str = PAGE, spec: dict[str, Any] | None = None) -> set[str]:
    """The ids of the rules that a page and a specification break."""
    return {finding.rule.id for finding in findings(folder, {"painter.md": page, "painter.json": spec or SPEC})}
