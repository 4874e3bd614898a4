"""What samples and answers say is read out of them, in every language that the docs use."""

from __future__ import annotations

from typing import Any

import pytest
from pixelpact.sources.lint.answers import read_answer
from pixelpact.sources.lint.code import OPAQUE, Call, Code, NotReadable, Partial
from pixelpact.sources.lint.findings import Place
from pixelpact.sources.lint.page import read_page
from pixelpact.sources.lint.positions import positions
from pixelpact.sources.lint.samples import read_calls

URL = "https://api.aimlapi.com/v1/images/generations"
BODY = {"model": "acme/painter", "prompt": "A kite's tail.", "n": 2, "raw": False, "size": None}
HEADERS = {"Authorization": "Bearer <KEY>", "Content-Type": "application/json"}
JSON = '{"model": "acme/painter", "prompt": "A kite\'s tail.", "n": 2, "raw": false, "size": null}'
PYTHON = f"{BODY}, headers={HEADERS}"
OBJECT = "{ model: 'acme/painter', prompt: 'A kite\\'s tail.', n: 2, raw: false, size: null, }"
OPTIONS = f"{{ method: 'POST', headers: {HEADERS}, body: JSON.stringify({OBJECT}) }}"
SAMPLES = {
    "requests": ("python", f'import requests\nrequests.post("{URL}", json={PYTHON})'),
    "httpx, with names": ("py", f'url = "{URL}"\nbody, h = 1, 2\nr = await c.post(url, json={PYTHON})'),
    "dumps": (
        "python",
        f"import json\nbody = {BODY}\nheaders = {HEADERS}\n"
        f'requests.request("POST", f"{URL}", data=json.dumps(body), headers=headers)',
    ),
    "fetch": ("javascript", f"const r = await fetch('{URL}', {OPTIONS}); // it's sent\nconst x = /[/'\"]/g;"),
    "fetch, with names": ("js", f"const url = `{URL}`;\nconst options = {OPTIONS};\nfetch(url, options).then(f);"),
    "axios": ("node", f"axios.post('{URL}', {OBJECT}, {{ headers: {HEADERS} }})"),
    "axios, one argument": ("ts", f"axios({{ method: 'post', url: '{URL}', headers: {HEADERS}, data: {OBJECT} }})"),
    "curl": (
        "bash",
        f"curl -sS --request POST --url '{URL}' -H 'Authorization: Bearer <KEY>' \\\n"
        "  --header='Content-Type: application/json' --data '" + JSON.replace("'", "'\\''") + "' | jq .",
    ),
    "curl, in double quotes": (
        "cURL",
        f'curl {URL} -H "Authorization: Bearer <KEY>" -H "Content-Type: application/json" -d "'
        + JSON.replace('"', '\\"')
        + '"',
    ),
    "curl, from a here-document": (
        "shell",
        f"# don't\ncurl {URL} -H 'Authorization: Bearer <KEY>' \\\n  -d @- <<'EOF'\n{JSON}\nEOF\ncurl -s x\n",
    ),
    "an HTTP message": (
        "HTTP",
        "POST /v1/images/generations HTTP/1.1\nHost: api.aimlapi.com\nAuthorization: Bearer <KEY>\n"
        f"Content-Type: application/json\n\n{JSON}\n",
    ),
}  # fmt: skip


def calls(lang: str, source: str) -> list[Call]:
    return list(read_calls(Code(lang, source, Place("a.md", 1))))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_read_as_the_request_that_it_sends(name: str) -> None:
    lang, source = SAMPLES[name]

    call = calls(lang, source)[0]

    assert (call.method, call.url, call.body, call.form, call.authorised) == ("POST", URL, BODY, "json", True)


FORMS = {
    "python": f"""
with open("a.png", "rb") as f:
    requests.post("{URL}", data={{"model": "m"}}, files={{"image": f}})
""",
    "js": f"""
const form = new FormData();
form.append('model', 'm');
form.append('image', file);
fetch('{URL}', {{ method: 'POST', body: form }});
""",
    "curl": f"curl {URL} -F model=m --form 'image=@a.png'",
}
CLIENTS = {
    "python": """
client = OpenAI(base_url="https://a.example/v1", api_key=k)
client.images.generate(model="m", extra_body={"n": 2})
""",
    "js": """
const client = new OpenAI({ baseURL: 'https://a.example/v1' });
client.images.generate({ model: 'm', n: 2 });
""",
}


@pytest.mark.parametrize("lang", FORMS)
def test_a_form_is_read_with_its_fields(lang: str) -> None:
    (call,) = calls(lang, FORMS[lang])

    assert (call.form, call.body) == ("multipart", {"model": "m", "image": OPAQUE})


@pytest.mark.parametrize("lang", CLIENTS)
def test_a_call_of_the_openai_client_is_read(lang: str) -> None:
    (call,) = calls(lang, CLIENTS[lang])

    assert (call.url, call.body) == ("https://a.example/v1/images/generations", {"model": "m", "n": 2})


@pytest.mark.parametrize(
    ("lang", "source"),
    [
        ("python", f'requests.post("{URL}", json={{**common, "n": 1, "seed": random()}})'),
        ("js", f"axios.post('{URL}', {{ ...common, n: 1, seed: Math.random() }})"),
    ],
)
def test_what_only_running_shows_is_left_open(lang: str, source: str) -> None:
    (call,) = calls(lang, source)

    assert isinstance(call.body, Partial)
    assert call.body == {"n": 1, "seed": OPAQUE}


@pytest.mark.parametrize(
    ("lang", "source", "line", "column"),
    [
        ("python", "x = 1\nprint('a)\n", 2, 7),
        ("js", "const a = 1;\nconst b = 'it's';", 2, 16),
        ("js", "f({ a: [1, 2 })", 1, 14),
        ("bash", "curl a \\\n  -d '{}", 2, 6),
        ("bash", "curl -d 'it\\'s x' u 'v", 1, 12),
    ],
)
def test_what_its_language_refuses_is_refused_at_its_place(lang: str, source: str, line: int, column: int) -> None:
    with pytest.raises(NotReadable) as refused:
        calls(lang, source)

    assert (refused.value.line, refused.value.column) == (line, column)


@pytest.mark.parametrize(
    ("lang", "source"),
    [
        ("python", "!pip install requests\nimport requests\nprint('\\d')"),
        ("python", ">>> 1 + 1\n2 kites\n>>> print(2)"),
        ("python", "    response = 1\n    print(response)"),
        ("js", "const a = 6 / 2 / 1; const b = `it's ${f('}')} {`; const c = x.match(/['\"{]/);"),
        ("bash", 'echo "it\'s" # don\'t\nexport A=b\ncurl "$BASE/x" -d "$BODY"'),
        ("bash", "curl -d 'C:\\' https://a.example"),
    ],
)
def test_what_is_valid_is_not_refused(lang: str, source: str) -> None:
    calls(lang, source)


@pytest.mark.parametrize(
    ("text", "forgiven"),
    [
        ('{"a": [1, null]}', ()),
        ("{'a': [1, None]}", ("Python's repr",)),
        ("Generation: {'a': [1, None]}", ("a label, `Generation:`", "Python's repr")),
        ('Response: {"a": [1, null]}', ("a label, `Response:`",)),
        ("{ a: [ 1, null ], // the first\n}", ("JSON5",)),
    ],
)
def test_an_answer_is_read_with_what_had_to_be_forgiven(text: str, forgiven: tuple[str, ...]) -> None:
    answer = read_answer(text)

    assert (answer.value, answer.forgiven) == ({"a": [1, None]}, forgiven)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1,\n "b" 2}', "not JSON: Expecting ':' delimiter"),
        ('{"a": [ ... ]}', "shortened, so that it is no JSON"),
    ],
)
def test_an_answer_that_no_reading_fits_is_refused(text: str, reason: str) -> None:
    with pytest.raises(NotReadable, match=reason):
        read_answer(text)


def test_code_that_an_editor_wrote_as_html_is_read() -> None:
    page = read_page(
        "a.md", 'Text.\n\n<pre class="x"><code class="lang-js"><strong>f("&#x3C;a>");\n</strong>g();\n</code></pre>\n'
    )

    assert [(fence.code.lang, fence.code.source, fence.code.first.line) for fence in page.fences] == [
        ("js", 'f("<a>");\ng();\n', 3)
    ]


def test_a_heading_above_a_deeper_one_is_not_empty() -> None:
    page = read_page("a.md", '# A\n\n## B\n\nText.\n\n## C\n\n***\n\n## D\n\n{% embed url="x" %}\n')

    assert [heading.title for heading in page.empty] == ["C"]


def test_every_pointer_has_its_place() -> None:
    text = '{\n  "a/b": [1, {"c": {}, "d": []}, [2]],\n  "e": "x:{["\n}'
    pointers: dict[str, Any] = {
        "/a~1b": (2, 3),
        "/a~1b/1": (2, 14),
        "/a~1b/1/d": (2, 24),
        "/a~1b/2/0": (2, 35),
        "/e": (3, 3),
    }

    assert positions(text, pointers) == pointers
