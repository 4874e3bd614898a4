"""The object store's own answers: a picture, or a refusal in XML."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from ..pixels.values import Recipe
from .artefacts import UnknownArtefact
from .calls import Answer, Call
from .tos4 import Expired, SignatureError

# Assumed: no refusal of the store behind this API was seen, so these are those of an S3-compatible one
# (`Request has expired` as quoted in danny-avila/LibreChat issue 10145).
EXPIRED = ("AccessDenied", "Request has expired")
TAMPERED = ("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")
UNKNOWN = ("NoSuchKey", "The specified key does not exist.")
UNSATISFIABLE = ("InvalidRange", "The requested range is not satisfiable")
# No XML document may hold these, not even escaped.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def picture(recipe: Recipe, data: bytes) -> Answer:
    """The picture of a recipe; the ETag is its digest."""
    headers = {"ETag": f'"{recipe.digest}"', "Cache-Control": "private, max-age=86400", "Accept-Ranges": "bytes"}
    return Answer(200, data, f"image/{recipe.container}", headers)


def refused(error: UnknownArtefact | SignatureError, call: Call) -> Answer:
    """What the store says of a URL that it does not serve."""
    if isinstance(error, UnknownArtefact):
        return refusal(404, UNKNOWN, call.path, call.id)
    if isinstance(error, Expired):
        moments = {"Expires": error.expired_at.isoformat(), "ServerTime": call.moment.isoformat()}
        return refusal(403, EXPIRED, call.path, call.id, **moments)
    return refusal(403, TAMPERED, call.path, call.id)


def refusal(status: int, kind: tuple[str, str], path: str, request_id: str, **more: str) -> Answer:
    """A refusal in the store's XML; `kind` is its code and message."""
    fields = {"Code": kind[0], "Message": kind[1], "Resource": path, **more, "RequestId": request_id}
    inner = "".join(f"<{name}>{_written(value)}</{name}>" for name, value in fields.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
    return Answer(status, body.encode(), "application/xml")


def _written(text: str) -> str:
    return escape(UNWRITABLE.sub("\ufffd", text))
