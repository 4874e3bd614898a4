"""What real servers do otherwise, and may: none of it is an error. Each is judged with both models."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import Any

from PIL import Image, ImageChops

from .answers import located, status
from .bends import GONE, answers, changed, downloads, errs, headed, is_b64, rewritten, sends
from .faults import Planted
from .pictures import encoded, opened, right
from .rules import given
from .server import SHAPES
from .tables import ADAPTIVE
from .wire import DRAW, Answer, At, Body, Fault, Recipe

NO_TRACES = {f"x_{name}": None for name in ("request_id", "inference_id", "client_request_id")}
NO_COST = {f"x_aimlapi_{name}": None for name in ("credits_used", "usd_spent")}
NO_CORS = {f"access_control_{name}": None for name in ("allow_origin", "expose_headers")}
MORE = {"id": "gen-1", "model": DRAW, "timings": {"inference": 0.4}, "images": []}


def _turned(value: Any) -> Any:
    """The same JSON with the keys of each object the other way round."""
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    return [_turned(item) for item in value] if isinstance(value, list) else value


def _zipped(answer: Answer, at: At) -> Answer:
    if "gzip" not in at.call.headers.get("accept-encoding", ""):
        return answer
    return replace(headed(content_encoding="gzip")(answer, at), body=gzip.compress(answer.body))


def _faintly_marked(picture: Image.Image, recipe: Recipe) -> Image.Image:
    """A corner lighter by one level in place of the words."""
    if not recipe.watermark:
        return picture
    faint = right(replace(recipe, watermark=False)).copy()
    corner = faint.width - 64, faint.height - 64, faint.width, faint.height
    faint.paste(ImageChops.add(faint.crop(corner), Image.new("RGB", (64, 64), (1, 1, 1))), corner)
    return faint


def _by_exact_ratio(picture: Image.Image, recipe: Recipe) -> Image.Image:
    """An edit at the row whose own sides are nearest, where the usual reading compares with its label."""
    if not recipe.image:
        return picture
    width, height = given(recipe.image).size
    return picture.resize(min(ADAPTIVE, key=lambda row: abs(row[1] / row[2] - width / height))[1:])


def _legacy(body: Body, at: At) -> Body:
    """The answer of August 2025: the picture in base64, and the request repeated."""
    asked = {"model": at.body["model"], "prompt": at.body["prompt"]}
    args = {**asked, "n": 1, "steps": 0, "size": at.body.get("size", "1024x1024")}
    head = {"status": "finished", "prompt": [asked["prompt"]], "model": asked["model"], "model_owner": "", "tags": {}}
    output = {"choices": [{"image_base64": item["b64_json"]} for item in body["data"]]}
    return {**head, "num_returns": 1, "args": args, "subjobs": [], "output": output}


def _lenient(body: Body, _: At) -> Body:
    """A request of August 2025, when neither a seed nor a prompt had bounds, as today's rules take it."""
    whole = changed(
        body, ("seed",), lambda now: int(now) % 2**31 if type(now) in (int, float) and now % 1 == 0 else now
    )
    named = changed(whole, ("prompt",), lambda now: " " if now == "" else now)
    return {**named, "response_format": "b64_json"} if body.get("response_format", "url") == "url" else named


BENIGN_FAULTS = {
    "clean": Fault(),
    "no meta": answers("meta", to=GONE),
    "meta null": answers("meta", to=None),
    "no cost headers": sends(headed(**NO_COST)),
    "no tracing and CORS headers": sends(headed(**NO_TRACES, **NO_COST, **NO_CORS)),
    "extra headers": sends(headed(cf_ray="8f1", server_timing="total;dur=812", set_cookie="a=b; HttpOnly")),
    "extra fields": sends(rewritten(lambda body: {**body, **MORE}), 200),
    "the other form null": answers("data", 0, to=lambda item: {"url": None, "b64_json": None, **item}),
    "status code as text": errs("statusCode", to=lambda now, _: str(now)),
    "fractions of six digits": errs("timestamp", to=lambda now, _: now.replace("Z", "123Z")),
    "message as a list": errs("message", to=lambda now, _: [now]),
    "422 for 400": replace(
        sends(status(422), 400), failure=errs("statusCode", to=lambda now, _: 422 if now == 400 else now).failure
    ),
    "errors of generation A": Fault(envelope="A"),
    "errors of generation B": Fault(envelope="B"),
    "errors of generation C": Fault(envelope="C"),
    "201, answers of 2025-08": Fault(
        body=_lenient,
        refuse=lambda body, _: "aspect_ratio" if body.get("aspect_ratio", "1:1") not in [*SHAPES] else None,
        success=_legacy,
        sent=sends(status(201), 200).sent,
        options=("--profile", "2025-08"),
    ),
    "links on another host": Fault(elsewhere=True),
    "unsigned links on another host": Fault(elsewhere=True, unsigned=True),
    "PNG behind unsigned links": Fault(
        unsigned=True,
        suffix="png",
        file=lambda data, _: encoded(opened(data), "png", compress_level=1),
        download=downloads(headed(content_type="image/png"), 200).download,
    ),
    "overlay in the link": located(lambda url: f"{url}&x-tos-process=image%2Fwatermark%2Cimage_YXNzZXRz"),
    "clock 2 s ahead": Fault(clock=2),
    "clock 2 s behind": Fault(clock=-2),
    "keys in another order": sends(rewritten(_turned)),
    "indented": Fault(indent=4),
    "gzip": sends(_zipped),
    "chunked": sends(headed(transfer_encoding="chunked")),
    "connection closed": sends(headed(connection="close")),
    "latency doubled": sends(lambda answer, _: replace(answer, delay=0.05)),
    "b64 slower": sends(lambda answer, at: replace(answer, delay=0.1 * is_b64(at.body)), 200),
    "faint watermark": Fault(picture=_faintly_marked),
    "rows by exact ratio": Fault(picture=_by_exact_ratio),
    "edits slightly re-toned": Fault(
        picture=lambda picture, _: picture.point([round(2 + at * 0.985) for at in range(256)] * 3)
    ),
    "another quality each time": downloads(
        lambda answer, at: replace(answer, body=encoded(opened(answer.body), quality=88 + at.ordinal)), 200
    ),
    "progressive JPEG": Fault(file=lambda data, _: encoded(opened(data), progressive=1)),
}
BENIGN = {name: Planted("benign", replace(fault, model="")) for name, fault in BENIGN_FAULTS.items()}
