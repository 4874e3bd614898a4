"""Rules about what pages say in words, and how they are built."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...descriptions import SIZE
from ..document import Document
from ..findings import Place, Reason, Rule
from ..sizes import asked, largest_area, takes_size

# A picture of nK is n * 960 pixels wide at least, and n * 540 high.
KILO_AREA = 960 * 540
THINGS = "image|picture|resolution|output|visual|photo|quality|pixel"
CLAIM = re.compile(rf"\b([2-8])K\b(?=[\w\s-]{{0,60}}\b(?:{THINGS})|\W{{0,9}}$|\))", re.IGNORECASE)
MAKING = re.compile(r"\b(generat|creat|produc|output|up to|support|deliver|render|process)", re.IGNORECASE)
INPUT = re.compile(r"\b(input|reference|source|upload|upscal)", re.IGNORECASE)
SPECIFIED = re.compile(
    r"\b(?:(?:specified|given|desired|custom|chosen|arbitrary|exact) (?:image |output )?(?:size|dimensions|resolution)"
    r"|(?:arbitrary|custom|any) image dimensions)\b",
    re.IGNORECASE,
)
PICTURE = re.compile(rf"\b{SIZE}\b")
CAPTION = re.compile(r"<figcaption\b.*?</figcaption>|!\[[^\]]*\]\(", re.IGNORECASE)
WITHIN = re.compile(r"<code>.*?</code>|<[^<>]*>", re.IGNORECASE)
RESULT = re.compile(r"\b(obtained|following|resulting|generated|result|got)\b", re.IGNORECASE)
LIMIT = re.compile(r"\b(between|from|up to|at least|at most|minimum|maximum|max|min|limit|support)", re.IGNORECASE)
RETIRED = re.compile(r"deprecat|retire|no longer|discontinu|sunset|remov|legacy", re.IGNORECASE)
ID = re.compile(r"(?<![\w.@-])([A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)+)")
NEAR = 0.05
LONGEST_ID = 6  # parts


def empty_section(document: Document) -> Iterator[Reason]:
    """Headings with nothing below."""
    if document.page:
        for heading in document.page.empty:
            yield Reason(document.page.place(heading.line), f"the section {heading.title!r} is empty")


def hidden(document: Document) -> Iterator[Reason]:
    """Pages that readers are kept from."""
    front = document.page.front if document.page else {}
    flags = [name for name in ("hidden", "noIndex") if front.get(name, "").lower() == "true"]
    if document.page and flags:
        line = next(i for i, text in enumerate(document.page.lines, 1) if text.startswith(flags[0]))
        yield Reason(document.page.place(line), f"the page is hidden from readers: {', '.join(flags)}")


def retired(document: Document) -> Iterator[Reason]:
    """Pages about models that are no longer served, and do not say so."""
    if document.page and not any(map(RETIRED.search, document.lines)):
        for model in document.models:
            known = document.library.contracted(model)
            if known and all(promise.status != "current" for promise in known):
                message = f"`{model}` is {known[0].status}, and the page does not say so"
                yield Reason(document.page.mention(model), message)


def too_large(document: Document) -> Iterator[Reason]:
    """Claims of a picture larger than any that the models make."""
    area = _largest(document)
    if area is None:
        return
    for line in document.prose:
        for claim in CLAIM.finditer(line.text):
            kilo = int(claim[1])
            if MAKING.search(line.text) and not INPUT.search(line.text) and area < kilo**2 * KILO_AREA:
                message = f"{claim[1]}K is claimed, the largest picture promised has {area:,} pixels"
                yield Reason(line.place.after(claim.start()), message)


def no_size(document: Document) -> Iterator[Reason]:
    """Talk of a size of one's choice, for models that take none."""
    promises = document.promised(document.models)
    if promises and not any(takes_size(promise.fields) for promise in promises):
        for line in document.prose:
            for found in SPECIFIED.finditer(line.text):
                message = f"{found[0]!r}: `{promises[0].model}` takes no size ({promises[0].origin})"
                yield Reason(line.place.after(found.start()), message)


def caption(document: Document) -> Iterator[Reason]:
    """Pictures said to have another size than any sample asks for."""
    sent = [asked(call.body) for _, call in document.calls]
    # A sample that leaves the size to the model may have made any picture.
    wanted = [size for size in sent if size] if all(sent) else []
    sizes = {size.size for size in wanted if size.size}
    ratios = [size.ratio for size in wanted if size.ratio and not size.size]
    for text, place in _captions(document) if sizes or ratios else ():
        found = list(PICTURE.finditer(text))
        if len(found) == 1 and not LIMIT.search(text):
            width, height = map(int, found[0].groups())
            near = any(abs(width / height / ratio - 1) <= NEAR for ratio in ratios)
            if (width, height) not in sizes and not near:
                asks = " or ".join(dict.fromkeys(size.text for size in wanted))
                message = f"a picture of {width}x{height} is shown, the samples ask for {asks}"
                yield Reason(place.after(found[0].start()), message)


def two_spellings(document: Document) -> Iterator[Reason]:
    """Ids of one model that are written in two ways."""
    if not document.page:
        return
    known = {_plain(model): model for model in document.models if "/" in model}
    seen: set[str] = set()
    for number, text in enumerate(document.lines, 1):
        for found in ID.finditer(text):
            name, model = _tail(found[1].rstrip("."), known)
            if model and name != model and name not in seen:
                seen.add(name)
                place = document.page.place(number, found.start() + found[1].find(name) + 1)
                yield Reason(place, f"`{name}` here, `{model}` elsewhere on the page")


def no_subject(document: Document) -> Iterator[Reason]:
    """Pages that call a model and do not say what they are about."""
    if document.page and document.calls and not document.models:
        title = next(iter(document.page.headings), None)
        line = title.line if title else 1
        yield Reason(document.page.place(line), "the page does not say which model it is about")


def _captions(document: Document) -> Iterator[tuple[str, Place]]:
    """What is said of pictures that samples made: below them, and in running text that speaks of a result."""
    captioned: set[int] = set()
    for number, line in enumerate(document.lines, 1):
        for found in CAPTION.finditer(line):
            captioned.add(number)
            # A prompt may have a size too, and so may what was sent. Blanks, so that columns stay.
            text = WITHIN.sub(lambda part: " " * len(part[0]), found[0])
            if not INPUT.search(text):
                yield text, Place(document.name, number, found.start() + 1)
    for told in document.prose:
        if told.place.line not in captioned and RESULT.search(told.text):
            yield told.text, told.place


def _tail(path: str, known: dict[str, str]) -> tuple[str, str | None]:
    """The end of a path that is one of the ids, but for its punctuation; and that id."""
    parts = path.split("/")[-LONGEST_ID:]
    for count in range(2, len(parts) + 1):
        name = "/".join(parts[-count:])
        if _plain(name) in known:
            return name, known[_plain(name)]
    return path, None


def _plain(model: str) -> str:
    return re.sub(r"[._-]", "-", model).lower()


def _largest(document: Document) -> int | None:
    """The most pixels that a picture of any of the page's models may have; None if one of them does not say."""
    areas = [_largest_of(document, model) for model in document.models]
    return max(area for area in areas if area) if areas and all(areas) else None


def _largest_of(document: Document, model: str) -> int | None:
    promises = (*document.library.of(model), *document.library.contracted(model))
    return next((area for promise in promises if (area := largest_area(promise.request))), None)


RULES = (
    Rule("PL301", "empty-section", "warning", "A section of a page has a heading and nothing else.", empty_section),
    Rule("PL302", "hidden-page", "note", "A page is hidden, though it can still be linked to.", hidden),
    Rule("PL303", "retired-model", "warning", "A page does not say that its model is no longer served.", retired),
    Rule("PL304", "size-claimed", "warning", "A page claims larger pictures than its model makes.", too_large),
    Rule(
        "PL305", "size-of-choice", "warning", "A page speaks of a size of one's choice, its model takes none.", no_size
    ),
    Rule("PL306", "caption-size", "warning", "A picture is shown in a size that no sample asks for.", caption),
    Rule("PL307", "two-spellings", "note", "A model's id is written in two ways.", two_spellings),
    Rule("PL308", "no-subject", "note", "A page does not say which model it is about.", no_subject),
)
