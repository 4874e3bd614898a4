"""The stated rules of the importer: what is inferred from what, and why."""

from __future__ import annotations

import textwrap

WIDTH = 110
# Of each rule its name, what it infers, and the reason: printed by `pixelpact import --rules`.
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
        "links and data URIs where the docs say URL or URI, links alone where they exclude the rest, and base64 too "
        "where they name it or say nothing",
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
        "standing",
        "sizes, sides, ratios, formats and forms that a document lists or limits, and n, num_images and "
        "number_of_images, are documented; what only their names, amounts, defaults or inputs mean is assumed",
        "a check is strict only about what somebody said",
    ),
    (
        "price",
        "the credits of the documented example, else 63,000 a picture",
        "the price of the nearest sibling whose docs name one",
    ),
)


def told() -> str:
    """Every rule in words."""
    return "\n\n".join("\n".join((name, _wrapped(rule), _wrapped(f"Why: {reason}."))) for name, rule, reason in STATED)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
