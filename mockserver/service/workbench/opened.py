"""One call, opened: each field and what the contract says of it, the answer, the line that repeats it, its pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from ...contract.answers import CREDITS_PER_USD
from ...contract.breaches import Breach, InvalidRequest, closest
from ...contract.contract import Contract, ErrorKind
from ...contract.models import Model
from ...contract.sources import Source
from ...errors import PixelpactError
from ...pixels.values import Recipe
from ..calls import Answer
from ..effects import REASON, error_of
from ..failures import failure_of, worded
from ..generation import MOST_PICTURES
from ..journal import API, DOWNLOAD, Entry, links_of
from ..verdicts import Verdict, judge
from .edits import before, edit_of
from .pictures import entry_of, picture, shown_of
from .repeat import holds_picture, repeat
from .rows import Outcome, outcome
from .rules import Rule, field_note, field_rules
from .visit import Visit, page

# A broken rule in the words of an error: of a field, or of one of its list.
TOLD = re.compile(r"(?:^|; )([^\s:./]+)([./][^\s:]+)?: expected ([^;]*) \(([\w ]+)\), received ([^;]*)")


@dataclass(frozen=True)
class Field:
    """A field of a request: what was sent, if anything, and what the contract says of it.

    `state` is `ok`, `broken`, `unknown` or `unsent`; `meant` is the field that an unknown one was probably meant to be.
    """

    name: str
    sent: Any
    state: str
    note: str
    rules: tuple[Rule, ...]
    breaches: tuple[Breach, ...] = ()
    meant: str | None = None
    is_sent: bool = True

    @property
    def sources(self) -> list[Source]:
        """Where the rules come from, each once."""
        return list(dict.fromkeys(source for rule in self.rules for source in rule.sources))


def opened(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """`requests/ID`, the page of a call, and the pictures below it."""
    if len(rest) != 1:
        return picture(visit, rest) or before(visit, rest)
    entries = visit.tenant.journal.entries
    entry = entry_of(entries, rest[0])
    if entry is None:
        return page(visit, "workbench/gone.html", status=404, id=rest[0][:80])
    body = entry.facts.get("body")
    model = _model(visit.mock.contract, entry)
    fields = tuple(_fields(model, body, entry.facts.get("error", ""))) if model and isinstance(body, dict) else ()
    return page(
        visit,
        "workbench/request.html",
        entry=entry,
        outcome=outcome(entry),
        body=body,
        model=model,
        fields=fields,
        answer=_answer(visit, model, entry),
        repeat=repeat(visit.call.origin, entry),
        pictures=shown_of(visit, entry),
        edit=edit_of(visit, entry),
        related=_related(entries, entry),
        verdicts=_verdicts(visit, entries, entry),
    )


def _model(contract: Contract, entry: Entry) -> Model | None:
    if entry.hop != API:
        return None
    body = entry.facts.get("body")
    try:
        return contract.check_model(body if isinstance(body, dict) else {}, "/" + entry.path.strip("/"))
    except InvalidRequest:
        known = contract.models
        name = entry.facts.get("model")
        return known[name] if isinstance(name, str) and name in known else None


def _fields(model: Model, body: Mapping[str, Any], error: str) -> Iterator[Field]:
    """Every field that was sent, in its order; then those that were left out."""
    broken = {**_breaches(model, body), **_of_pictures(body, error)}
    known = model.request["properties"]
    for name, value in body.items():
        rules, breaches = field_rules(model, name), broken.get(name, ())
        if name not in known:
            yield Field(name, value, "unknown", "", (), meant=closest(name, known))
        else:
            yield Field(name, value, "broken" if breaches else "ok", field_note(model, name), rules, breaches)
    for name in known:
        if name not in body:
            breaches = broken.get(name, ())
            state = "broken" if breaches else "unsent"
            yield Field(name, None, state, field_note(model, name), field_rules(model, name), breaches, is_sent=False)


def _breaches(model: Model, body: Mapping[str, Any]) -> dict[str, tuple[Breach, ...]]:
    """The broken rules by the field that they are about; a picture is not kept, so nothing is said of one."""
    told = {name: value for name, value in body.items() if not holds_picture(value)}
    found: dict[str, tuple[Breach, ...]] = {}
    for breach in model.breaches(told):
        name = breach.pointer.strip("/").partition("/")[0]
        if name in told or name not in body:
            found[name] = (*found.get(name, ()), breach)
    return found


def _of_pictures(body: Mapping[str, Any], error: str) -> dict[str, tuple[Breach, ...]]:
    """The broken rules on pictures, which are not kept: as the answer told them."""
    found: dict[str, tuple[Breach, ...]] = {}
    for name, place, allowed, rule, received in TOLD.findall(error):
        if holds_picture(body.get(name)):
            found[name] = (*found.get(name, ()), Breach(f"/{name}{place}", rule, allowed, received))
    return found


def _answer(visit: Visit, model: Model | None, entry: Entry) -> Any:
    """The answer's JSON as it was, but for what no journal keeps: signatures, base64, the words of a fault."""
    contract, faults = visit.mock.contract, entry.facts.get("faults", ())
    if entry.hop != API or outcome(entry) is Outcome.NONE or {"garbage", "html"} & {*faults}:
        return None
    if entry.status >= HTTPStatus.BAD_REQUEST:
        kind = contract.errors.get(entry.facts.get("kind", "")) or error_of(contract, faults, entry.status)
        return contract.error_answered(_error(visit, model, entry, kind)) if kind else None
    if model is None or entry.recipe is None:
        return None
    return model.answered(_values(model, entry, entry.recipe), _given(visit.call.origin, entry))


def _error(visit: Visit, model: Model | None, entry: Entry, kind: ErrorKind) -> dict[str, Any]:
    body = entry.facts.get("body")
    values = {
        "message": entry.facts.get("error") or worded(entry.method, entry.path, kind, REASON),
        "path": entry.path,
        "request_id": entry.request_id,
        "status": kind.status,
        "timestamp": entry.json()["time"],
        "name": kind.name,
        "details": kind.details,
    }
    if model and entry.facts.get("kind") == "invalid_request" and isinstance(body, dict) and not holds_picture(body):
        breaches = tuple(model.breaches(body, strict=visit.mock.settings.strict))
        values["details"] = failure_of(InvalidRequest(breaches)).details
    return {name: value for name, value in values.items() if value is not None}


def _values(model: Model, entry: Entry, recipe: Recipe) -> dict[str, Any]:
    credits = entry.facts.get("charged", 0)
    own = {"created": int(entry.moment.timestamp()), "credits_used": credits, "usd_spent": credits / CREDITS_PER_USD}
    return {**own, "prompt": recipe.prompt, "model": model.id, "size": str(recipe.size)}


def _given(origin: str, entry: Entry) -> list[dict[str, str]]:
    links = links_of(entry)
    if links:
        return [{"url": f"{origin}{link}?…"} for link in links]
    return [{"b64_json": "…"}] * min(entry.facts.get("count", 1), MOST_PICTURES)


def _related(entries: Sequence[Entry], entry: Entry) -> list[Entry]:
    """The downloads of a call's pictures, or the call that a download's picture came of."""
    links = {*links_of(entry)}
    other = DOWNLOAD if entry.hop == API else API
    return [each for each in entries if each.hop == other and links & {*links_of(each)}] if links else []


def _verdicts(visit: Visit, entries: Sequence[Entry], entry: Entry) -> list[Verdict]:
    try:
        found = judge(entries, now=visit.tenant.clock.now())
    except PixelpactError:
        return []
    return [verdict for verdict in found if entry.request_id in verdict.entries]
