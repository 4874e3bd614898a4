"""Every rule about pages finds the fault that it is for, and no rule accuses a page that has none."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from pixelpact.contract.contract import load_all
from pixelpact.sources.lint.linting import lint
from pixelpact.sources.lint.report import FORMATS as REPORTS
from pixelpact.sources.lint.rules.table import RULES

from .lint_documents import FIELDS, HOST, MODEL, PAGE, PATH, SPEC, URL, findings, page_with, rules, spec_with

MARK = base64.urlsafe_b64encode(b"assets/watermark.png").decode()
PLAIN_URL = "https://cdn.example/a.png"
TOS = "https://cdn.example/a.png?X-Tos-Date=1"
KEY = "k3y9" + "q7Zb1XwT" * 3
ANSWER = '  "data": [{"url": "https://cdn.example/a.png", "size": "1024x1024"}],\n'
FAULTS: dict[str, list[tuple[str, str]]] = {
    "PL101 a colon too few": [('"prompt": "A kite."', '"prompt" = "A kite."')],
    "PL101 a text never closed": [("prompt: 'A kite.'", "prompt: 'A kite's tail.'")],
    "PL103": [(f'"model": "{MODEL}"', '"model": "acme/other"')],
    "PL104": [('        "prompt": "A kite.",\n', ""), ("    prompt: 'A kite.',\n", "")],
    "PL105": [('"watermark": False', '"water_mark": False'), ("watermark: false", "water_mark: false")],
    "PL106": [("'A kite.'", "7"), ('"A kite."', "7")],
    "PL107": [(HOST, "https://api.example")],
    "PL108": [(PATH, "/v1/images/edits")],
    "PL109": [(PATH, PATH + "/")],
    "PL111": [('headers={"Authorization": "Bearer <YOUR_AIMLAPI_KEY>"}', "headers={}")],
    "PL112": [(MODEL, "acme/unknown")],
    "PL113": [("requests.post", "requests.put")],
    "PL114": [("prompt: 'A kite.'", "prompt: 'A bird.'")],
    "PL201 a label": [('```json\n{\n  "data"', '```json\nGeneration: {\n  "data"')],
    "PL201 cut short": [('{"credits_used": 3}', '{"credits_used": 3')],
    "PL202": [('```json\n{\n  "data"', "```json5\n{\n  data")],
    "PL203 of another type": [(ANSWER, '  "data": "none",\n')],
    "PL203 without what is required": [(ANSWER, "")],
    "PL204": [('"meta": {"credits_used": 3}', '"meta": {"credits_used": 3, "free": true}')],
    "PL205": [("size: '1024x1024'", "size: '512x512'")],
    "PL206": [(PLAIN_URL, f"{TOS}&x-tos-process=image%2Fwatermark%2Cimage_{MARK}")],
    "PL207": [('"size": "1024x1024"}]', '"size": "640x480"}]')],
    "PL209": [('  "meta": {"credits_used": 3}', '  "statusCode": 429, "message": ["Too Many Requests"]')],
    "PL210": [("## Example", '## Errors\n\n```text\n{"statusCode": "429"\n```\n\n## Example')],
    "PL301": [("It paints pictures of the specified size, up to 1024x1024.\n", "")],
    "PL302": [("icon: brush", "hidden: true")],
    "PL304": [("paints pictures of the specified size, up to 1024x1024", "generates 4K images")],
    "PL306": [("following 1024x1024", "following 640x480")],
    "PL306 in a caption": [
        ("We obtained", '<img src="a"><figcaption><p>A kite, 640x480</p></figcaption>\n\nWe obtained')
    ],
    "PL306 in place of a picture": [("We obtained", "![A kite, 640x480](a.png)\n\nWe obtained")],
    "PL307": [("# Painter 2.0", "# Painter 2.0\n\n[Try it](https://acme.example/app/acme/painter-2-0).")],
    "PL501": [("Bearer <YOUR_AIMLAPI_KEY>'", f"Bearer {KEY}'")],
    "PL501 in prose": [("It paints", f"Take sk-{KEY}. It paints")],
    "PL501 of a client": [("## Example", f'## Example\n\n```python\nclient = OpenAI(api_key="sk-{KEY}")\n```')],
    "PL501 in a query": [("It paints", f"[Ask](https://a.example/?api_key={KEY}). It paints")],
    "PL501 before a host": [("It paints", f"[Ask](https://me:{KEY}@a.example/). It paints")],
    "PL502": [(PLAIN_URL, f"{TOS}&X-Tos-Signature={'ab12' * 16}")],
    "PL503 encoded twice": [("It paints", "It doesn\u00e2\u20ac\u2122t paint")],
    "PL503 lost": [("It paints", "It paint\ufffds")],
}
# These have tests of their own.
ELSEWHERE = {"PL001", "PL002", "PL102", "PL110", "PL208", "PL303", "PL305", "PL308"}


def test_a_page_and_a_specification_without_fault_have_no_finding(tmp_path: Path) -> None:
    assert rules(tmp_path) == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(fault: str, tmp_path: Path) -> None:
    rule = fault.split()[0]

    found = rules(tmp_path, page_with(*FAULTS[fault]))

    assert found == {rule}


def test_every_rule_about_pages_has_a_planted_fault() -> None:
    planted = {fault.split()[0] for fault in FAULTS} | ELSEWHERE

    assert {rule for rule in RULES if rule[:3] in ("PL0", "PL1", "PL2", "PL3", "PL5")} == planted


def test_a_shell_sample_whose_body_is_not_json_is_found(tmp_path: Path) -> None:
    curl = f"curl {URL} -H 'Authorization: Bearer <KEY>' -H 'Content-Type: application/json' -d '{{\"model\": }}'"

    assert rules(tmp_path, f"{PAGE}\n```bash\n{curl}\n```\n") == {"PL102"}


def test_a_backslash_in_single_quotes_is_no_shell(tmp_path: Path) -> None:
    curl = f'curl {URL} \\\n  -d \'{{"prompt": "the kite\\\'s tail", "x": 1}}\''

    found = [one for one in findings(tmp_path, {"a.md": f"```bash\n{curl}\n```\n"}) if one.rule.id == "PL101"]

    assert [(one.place.line, one.place.column) for one in found] == [(3, 27)]


def test_a_python_value_printed_as_json_is_found(tmp_path: Path) -> None:
    answer = (
        '{\n  "data": [{"url": "https://cdn.example/a.png", "size": "1024x1024"}],\n  "meta": {"credits_used": 3}\n}'
    )
    page = page_with((answer, "Generation: {'data': [{'url': 'https://cdn.example/a.png'}]}"))

    found = list(findings(tmp_path, {"a.md": page, "a.json": SPEC}))

    assert [one.rule.id for one in found] == ["PL201"]
    assert found[0].message.endswith("but Python's repr after a label, `Generation:`")


def test_an_answer_by_another_model_is_found(tmp_path: Path) -> None:
    assert rules(tmp_path, page_with(('  "meta"', '  "model": "acme/other",\n  "meta"'))) == {"PL208", "PL204"}


def test_a_model_that_is_retired_is_to_be_called_so(tmp_path: Path) -> None:
    hint = '{% hint style="info" %}\nOur models:\n\n* `bytedance/seedream-3.0`\n{% endhint %}\n'

    said = [one.rule.id for one in findings(tmp_path, {"a.md": f"# Retired\n\n{hint}"})]
    unsaid = [one.rule.id for one in findings(tmp_path, {"a.md": f"# Seedream\n\n{hint}"})]

    assert (said, unsaid) == ([], ["PL303"])


def test_a_model_of_one_size_is_of_no_specified_size(tmp_path: Path) -> None:
    hint = '{% hint style="info" %}\nOur models:\n\n* `bytedance/seededit-3.0-i2i`\n{% endhint %}\n'
    page = f"# Deprecated\n\n{hint}\nWe make an image of the specified size.\n"

    assert [one.rule.id for one in findings(tmp_path, {"a.md": page})] == ["PL305"]


def test_the_models_schema_decides_where_the_sample_calls_another(tmp_path: Path) -> None:
    page = page_with((f"'{MODEL}'", "'acme/other'"), ("size: '1024x1024'", "size: '9x9'"))

    found = list(findings(tmp_path, {"a.md": page, "a.json": SPEC}))

    assert [(one.rule.id, one.place.line) for one in found] == [("PL103", 47), ("PL106", 49), ("PL205", 62)]


def test_a_field_is_told_with_the_one_probably_meant(tmp_path: Path) -> None:
    found = list(findings(tmp_path, {"a.md": page_with(('"prompt"', '"promt"')), "a.json": SPEC}))

    assert any("`promt`, which `acme/painter-2.0` does not have (did you mean `prompt`?)" in str(one) for one in found)


def test_a_key_is_never_told(tmp_path: Path) -> None:
    page = page_with(("Bearer <YOUR_AIMLAPI_KEY>'", f"Bearer {KEY}'"), (PLAIN_URL, f"{TOS}&X-Tos-Signature={KEY}"))

    found = list(findings(tmp_path, {"a.md": page, "a.json": SPEC}))

    assert {one.rule.id for one in found} == {"PL501", "PL502"}
    assert KEY not in "".join(map(str, found))


@pytest.mark.parametrize("form", REPORTS)
def test_no_secret_in_a_name_or_a_value_is_told(form: str, tmp_path: Path) -> None:
    signed = f"{PLAIN_URL}?X-Tos-Credential=AKLT{'q7Zb' * 6}&X-Tos-Signature={'5d' * 32}"
    sample = f'"prompt": "A kite.", "{"5d" * 32}": 1, "seed": "Bearer {KEY}", "style": "sk-{KEY}", "size": "{signed}"'
    page = page_with(('"prompt": "A kite."', sample))
    spec = spec_with(((*FIELDS, "style", "default"), f"sk-{KEY}"), ((*FIELDS, "seed", "default"), f"Bearer {KEY}"))
    written = {"a.md": page, "a.json": json.dumps(spec)}
    for name, text in written.items():
        (tmp_path / name).write_text(text)

    told = REPORTS[form](lint([str(tmp_path)], load_all()))

    assert "PL106" in told
    assert "PL415" in told
    assert [word for word in (KEY[:12], "AKLT", "5d5d5d") if word in told] == []


BARE = (
    "# TITLE\n\nSAID\n\n"
    + f"""```python
import requests
requests.post("{URL}", headers={{"Authorization": "Bearer <KEY>"}}, json={{"model": "acme/other", "prompt": "A kite."}})
```
"""
)


@pytest.mark.parametrize(
    ("title", "said", "rule"),
    [
        ("Painter", f"It is `{MODEL}`.", "PL103"),
        (MODEL, "It paints.", "PL103"),
        ("Painter", "It paints.", "PL308"),
        ("Painter", f"Unlike `bytedance/seedream-3.0`, `{MODEL}` paints.", "PL308"),
    ],
)
def test_a_page_is_about_what_its_title_or_first_words_name(title: str, said: str, rule: str, tmp_path: Path) -> None:
    page = BARE.replace("TITLE", title).replace("SAID", said)

    found = {one.rule.id for one in findings(tmp_path, {"a.md": page, "a.json": SPEC})}

    assert found & {"PL103", "PL308"} == {rule}


def test_a_page_that_calls_no_model_need_not_say_what_it_is_about(tmp_path: Path) -> None:
    assert list(findings(tmp_path, {"a.md": "# Keys\n\nAsk for one.\n", "a.json": SPEC})) == []


def test_a_picture_that_was_sent_may_have_any_size(tmp_path: Path) -> None:
    page = page_with(("We obtained", "![The reference, 640x480](a.png)\n\nWe obtained"))

    assert rules(tmp_path, page) == set()


SOUND: dict[str, tuple[str, str]] = {
    "a server of the reader's own": (f"'{URL}'", f"'http://127.0.0.1:8080{PATH}'"),
    "a base that a variable has": (f"'{URL}'", "`${base}/images/generations`"),
    "a path for a client that has the base": (f"'{URL}'", "'/images/generations'"),
    "a placeholder": ("1024x1024", "<YOUR_SIZE>"),
    "output of a program": ("## Example", "## Example\n\n```bash\n$ ask https://a.example\nit's here\n```"),
    "an answer that is cut short on purpose": ('{"credits_used": 3}', "{ ... }"),
    "a sketch": ("## Example", '## Example\n\n```python\nrequests.post("https://a.example", {"model": "m", ...})\n```'),
    "code that calls nothing": ("## Example", "## Example\n\n```python\nelif ready:\n    go()\n```"),
    "a heading in a quotation": ("## Example", "## Example\n\n> # Said\n"),
    "a limit that is a size": ("We obtained", "Sizes are from 512x512. We obtained"),
    "letters with accents": ("It paints", "\u00c0 la carte, na\u00efve \u2014 \u201cit\u201d paints"),
}


@pytest.mark.parametrize("case", SOUND)
def test_what_is_sound_is_not_accused(case: str, tmp_path: Path) -> None:
    assert rules(tmp_path, page_with(SOUND[case])) == set()


@pytest.mark.parametrize("size", [{"aspect_ratio": "16:9"}, {}])
def test_a_caption_is_held_to_what_every_sample_asks_for(size: dict[str, str], tmp_path: Path) -> None:
    body = {"model": "bytedance/seedream-3.0", "prompt": "A kite.", **size}
    sample = f'import requests\nrequests.post("{URL}", headers={{"Authorization": "Bearer <KEY>"}}, json={body})\n'
    page = f"# Old\n\n```python\n{sample}```\n\nWe got the following 1888x301 image.\n"

    found = {one.rule.id for one in findings(tmp_path, {"a.md": page})}

    assert ("PL306" in found) == bool(size)
