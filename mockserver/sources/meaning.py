"""What a request means: which rules of ours its fields stand for, by stated rules, with standing `assumed`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .choosing import container, count, form
from .picturing import edit, edited, with_pictures
from .reports import Spot
from .sizing import Edited, sizing
from .sourcing import Schema, sourced
from .words import RULES

# What is inferred, and why: printed by `pixelpact import --rules`.
STATED: tuple[tuple[str, str, str], ...] = (
    (
        "size as WxH",
        "`size` or `image_size` of values such as 1024x1024, or free with such a size in its description, default or "
        "example, is width and height; limits as `[512x512, 2048x2048]` or two numbers of pixels are areas; without "
        "limits a side has 64 to 4096 pixels",
        "1888x301 was drawn where 512x512 is the least, so the area counts; no documented model takes other sides",
    ),
    (
        "size by name",
        "square_hd 1024x1024, square 512x512, portrait_4_3 768x1024, portrait_16_9 576x1024, landscape_4_3 1024x768, "
        "landscape_16_9 1024x576; others of the form portrait_A_B have a long side of 1024",
        "fal.ai, upstream of most models that take these names, documents them",
    ),
    (
        "size as object or sides",
        "an object with width and height, or two such fields of the request; a side left out is its default, else "
        "1024 within its limits; sides are whole numbers, 64 to 4096 where nothing is said",
        "no picture has half a pixel, and no documented model takes other sides",
    ),
    (
        "shape",
        "`aspect_ratio` as 16:9 is a picture of about a megapixel in that ratio, its sides multiples of 16; only the "
        "ratio is promised",
        "the docs name ratios, never their pixels",
    ),
    (
        "scale",
        "`resolution` or `size` as 1K, 2K, 4K is 1024, 2048, 4096 squared in area, 512px is 512 squared, 1080p is "
        "16:9 of 1080 lines; beside a ratio it scales that",
        "the usual reading of these names",
    ),
    (
        "size from the input",
        "`adaptive` beside an edited picture is the closest row of SeedEdit's table; where no default is documented, "
        "or it is `auto`, a picture is as large as the one that is edited",
        "the docs of SeedEdit and of Qwen Image 3 Edit say so; nothing speaks against it for the others",
    ),
    (
        "default size",
        "the size that the documented default means, else 1024x1024 within the limits",
        "the default of most models that document one",
    ),
    (
        "number",
        "the first of n, num_images, number_of_images, num_outputs, image_count, num_samples, batch_size and "
        "max_images says how many pictures come; a whole number, 1 to 10 where nothing is said",
        "no answer has half a picture, and 10 is the most that any document names",
    ),
    (
        "form",
        "`response_format` chooses between url and b64_json, `convert_base64_to_url` between true, a link, and false; "
        "`sync_mode` decides nothing",
        "the docs say the first two; of sync_mode they say how long it takes, not what comes",
    ),
    (
        "container",
        "`output_format` or the like names jpeg, png, webp or tiff; where a request has no such field, pictures are "
        "JPEG",
        "the docs name formats, and of the rest most pictures seen were JPEG",
    ),
    (
        "input picture",
        "a field with image, mask, picture or photo in its name, or any link but to webhooks, weights, meshes, videos "
        "and sounds; a file of an upload is an object with mimetype, originalname, encoding, fieldname and buffer; "
        "links alone where the docs say URL alone, base64 too where they say so, and both where they say nothing",
        "clients send both, and the docs of most edit models name both",
    ),
    (
        "limits of an input",
        "formats, megabytes and pixels that a description states are taken from it",
        "they are stated",
    ),
    (
        "edit",
        "the first input picture that is neither reference, style, mask nor the like is edited, a required one first: "
        "three quarters of its blocks of 32 pixels stay within 8 levels of 255, and one differs by 40",
        "the pictures published for SeedEdit 3.0, measured",
    ),
    (
        "answer",
        "url, b64_json or image_base64 inside data, images, output or the like are the pictures; created, "
        "credits_used, tokens_used, usd_spent, model, prompt and size mean what they say; what else is required is "
        "filled with an empty value of its type",
        "the answers printed on 102 pages of the docs",
    ),
    (
        "price",
        "the credits of the documented example, else 63,000 a picture",
        "the price of the nearest sibling whose docs name one",
    ),
)


@dataclass(frozen=True)
class Meaning:
    """A request schema with all that could be inferred, and what a picture of it is by default."""

    request: Schema
    task: str
    container: str


def meaning(request: Schema, raw: Mapping[str, Any], spot: Spot, up: str) -> Meaning:
    """What a request of these facts means. `raw` is it with its descriptions, `up` the way to the set's folder."""
    said = {name: inner for name, inner in raw.get("properties", {}).items() if isinstance(inner, dict)}
    required = request.get("required", [])
    fields: dict[str, Schema] = {
        name: with_pictures(name, schema, said.get(name, {}), spot.source)
        for name, schema in request["properties"].items()
    }
    counted = count(fields)
    if counted:
        fields[counted[0]] = counted[1]
    base = edited(fields, required)
    sized = sizing(fields, said, Edited(base, base in required, up) if base else None, spot)
    contained = container(fields, spot)
    inferred: Schema = {
        "x-output-size": sized.ways,
        "x-count": {"field": counted[0], "source": RULES} if counted else None,
        "x-form": form(fields),
        "x-container": contained,
        "x-edit": edit(base) if base else None,
    }
    held = {name: rule for name, rule in inferred.items() if rule is not None}
    whole = sourced({**request, "properties": dict(sized.fields)}, held, RULES)
    return Meaning(whole, "edit" if base in required else "draw", _default_container(contained, fields))


def _default_container(rule: Schema | None, fields: Mapping[str, Schema]) -> str:
    if rule is None:
        return "jpeg"
    default = fields[rule["field"]].get("default")
    cases = {str(value): name for value, name in rule["cases"]}
    return str(cases.get(str(default), "jpeg" if default is None else next(iter(cases.values()))))
