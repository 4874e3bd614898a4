"""The artefact route: a signed URL in, a picture or the object store's XML out."""

from __future__ import annotations

import re
from datetime import datetime
from xml.sax.saxutils import escape

from ..pixels.values import Recipe
from .artefacts import Artefacts, UnknownArtefact
from .calls import Answer
from .tos4 import Expired, SignatureError

# Assumed: no refusal of the store behind this API was seen, so these are those of an S3-compatible one
# (`Request has expired` as quoted in danny-avila/LibreChat issue 10145).
EXPIRED = ("AccessDenied", "Request has expired")
TAMPERED = ("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")
UNKNOWN = ("NoSuchKey", "The specified key does not exist.")
UNSATISFIABLE = ("InvalidRange", "The requested range is not satisfiable")
# No XML document may hold these, not even escaped.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def serve(
    artefacts: Artefacts, host: str, path: str, query: list[tuple[str, str]], moment: datetime, request_id: str
) -> Answer:
    """The picture behind an artefact URL, or 403 or 404 in XML. The ETag is the recipe's digest."""
    try:
        recipe = artefacts.recipe(host, path, query, moment)
        return _picture(artefacts, recipe)
    except UnknownArtefact:
        return refusal(404, UNKNOWN, path, request_id)
    except Expired as reason:
        return refusal(
            403, EXPIRED, path, request_id, Expires=reason.expired_at.isoformat(), ServerTime=moment.isoformat()
        )
    except SignatureError:
        return refusal(403, TAMPERED, path, request_id)


def _picture(artefacts: Artefacts, recipe: Recipe) -> Answer:
    data = artefacts.draw(recipe)
    headers = {"ETag": f'"{recipe.digest}"', "Cache-Control": "private, max-age=86400", "Accept-Ranges": "bytes"}
    return Answer(200, data, f"image/{artefacts.model(recipe).picture.container}", headers)


def refusal(status: int, kind: tuple[str, str], path: str, request_id: str, **more: str) -> Answer:
    """A refusal in the store's XML; `kind` is its code and message."""
    fields = {"Code": kind[0], "Message": kind[1], "Resource": path, **more, "RequestId": request_id}
    inner = "".join(f"<{name}>{_written(value)}</{name}>" for name, value in fields.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
    return Answer(status, body.encode(), "application/xml")


def _written(text: str) -> str:
    return escape(UNWRITABLE.sub("\ufffd", text))
