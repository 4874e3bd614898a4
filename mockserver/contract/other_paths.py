"""The paths of an OpenAPI document that no model is served at: the list of models, and pictures behind signed links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .models import Model
from .responses import TRACED, referred

Json = dict[str, Any]
LIST = "/v1/models"
ARTEFACT = "/{folder}/{name}"
# Documented: aimlapi/api-docs docs/capabilities/request-tracing-and-cost.md.
CLIENT_ID = {
    "name": "x-client-request-id",
    "in": "header",
    "description": "A name for this request, which the answer repeats: 1 to 128 of A-Z, a-z, 0-9, `.`, `_`, `:` and "
    "`-`. Another is passed over.",
    "schema": {"type": "string"},
}
# Observed: the host of the documented answers' links, `answers-2025` of sources.json.
STORE = "https://ark-content-generation-v2-ap-southeast-1.tos-ap-southeast-1.volces.com"
SIGNED = {
    "X-Tos-Algorithm": "The scheme: TOS4-HMAC-SHA256.",
    "X-Tos-Credential": "Who signed: key, date, region and service.",
    "X-Tos-Date": "When, in UTC: 20260101T000000Z.",
    "X-Tos-Expires": "How many seconds the link lives from then.",
    "X-Tos-Signature": "64 hexadecimal digits over host, path and query.",
    "X-Tos-SignedHeaders": "Which headers the signature covers.",
}
SENTENCES = {
    "206": "The part that Range asks for.",
    "403": "The link has expired, or is not as it was signed.",
    "404": "No such picture.",
    "416": "The picture has no such part.",
}
TEXT: Json = {"type": "string"}
REFUSAL = {
    "type": "object",
    "xml": {"name": "Error"},
    "required": ["Code", "Message", "Resource", "RequestId"],
    "properties": dict.fromkeys(("Code", "Message", "Resource", "RequestId"), TEXT),
}
LISTED_MODEL = {
    "type": "object",
    "required": ["id", "type", "info", "endpoints"],
    "properties": {
        "id": TEXT,
        "type": {"type": "string", "examples": ["image"]},
        "info": {"type": "object", "properties": {"name": TEXT, "developer": TEXT}},
        "features": {"type": "array", "items": TEXT},
        "endpoints": {"type": "array", "items": TEXT},
        "pricing": {"type": "object", "properties": {"credits": {"type": "integer", "minimum": 0}}},
    },
}
LISTED = {
    "type": "object",
    "required": ["object", "data"],
    "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": LISTED_MODEL}},
}
PRICING = {
    "name": "include",
    "in": "query",
    "description": "`pricing` adds what a picture costs, in credits.",
    "schema": {"type": "string", "examples": ["pricing"]},
}


def model_list() -> Json:
    """GET /v1/models. Documented: public, with an ETag and `include=pricing`; observed: what clients read of it."""
    etag = {"ETag": {"description": "Names this list, for If-None-Match.", "schema": TEXT}}
    return {
        "operationId": "listModels",
        "summary": "List the models",
        "description": "Every model that is served; no key is needed.",
        "tags": ["Models"],
        "security": [],
        "parameters": [PRICING, CLIENT_ID],
        "responses": {
            "200": {
                "description": "The models.",
                "headers": {**referred(TRACED), **etag},
                "content": {"application/json": {"schema": LISTED}},
            },
            "304": {"description": "The list is still the one of that ETag."},
            "500": {"$ref": "#/components/responses/InternalServerError"},
        },
    }


def artefact(models: Sequence[Model], *, mock: bool) -> Json:
    """The path item of the pictures: on the mock's own server, else on the object store's."""
    # What the mock has no folder of is no link, but an unknown path of the API.
    unknown: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}} if mock else {}
    refused: Json = {"application/xml": {"schema": REFUSAL}}
    refusals = {status: {"description": SENTENCES[status], "content": refused} for status in ("403", "416")}
    missing = {"404": {"description": SENTENCES["404"], "content": {**refused, **unknown}}}
    where: Json = {} if mock else {"servers": [{"url": STORE}]}
    return {
        **where,
        "get": {
            "operationId": "downloadPicture",
            "summary": "Download a picture",
            "description": "Follow the link of an answer as it is: it is signed, needs no key, and expires.",
            "tags": ["Images"],
            "security": [],
            "parameters": _parameters(models),
            "responses": {
                "200": _picture("The picture.", models),
                "206": _picture(SENTENCES["206"], models),
                "304": {"description": "The picture is still the one of that ETag."},
                **refusals,
                **missing,
            },
        },
    }


def _parameters(models: Sequence[Model]) -> list[Json]:
    folders = sorted({model.picture.folder for model in models})
    place: list[Json] = [
        {"name": "folder", "in": "path", "schema": {"type": "string", "enum": folders}},
        {"name": "name", "in": "path", "schema": {"type": "string", "pattern": r"^02[0-9]{13}[0-9a-f]{38}\.[a-z]+$"}},
    ]
    signed = [{"name": name, "in": "query", "description": said, "schema": TEXT} for name, said in SIGNED.items()]
    return [{**each, "required": True} for each in [*place, *signed]]


def _picture(description: str, models: Sequence[Model]) -> Json:
    chosen = (case for model in models for _, case in model.request.get("x-container", {}).get("cases", ()))
    containers = sorted({*chosen, *(model.picture.container for model in models)})
    return {
        "description": description,
        "headers": {"ETag": {"description": "Names the picture's bytes.", "schema": TEXT}},
        # An empty schema: 3.1 describes no bytes.
        "content": {f"image/{container}": {"schema": {}} for container in containers},
    }
