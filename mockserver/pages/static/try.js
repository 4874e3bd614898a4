// The form as a body, and the body as a real request: sent to the real path, so that what goes wrong goes wrong here too.
const form = document.getElementById("trial");
const body = document.getElementById("body");
const told = document.getElementById("told");
const heading = document.getElementById("answer");
const line = document.getElementById("line");
const rest = document.getElementById("rest");
const key = document.getElementById("api-key");
const chooser = document.querySelector("form.choose");
const fields = [...form.querySelectorAll("[data-field]")];
const files = new Map();
const NARROW = matchMedia("(max-width: 60rem)");
// By how their base64 begins; all others are JPEG.
const KINDS = { iVBOR: "png", UklGR: "webp", SUkqA: "tiff", TU0AK: "tiff" };
// What stands in the shown body for the data of a picture, which nobody wants to read.
const whole = new Map();

function value(field) {
  const { kind } = field.dataset;
  const chosen = files.get(field.dataset.field);
  if (chosen) return "multiple" in field.dataset ? chosen.map((file) => file.text) : chosen[0].text;
  const text = field.querySelector("[name]").value;
  if (!text.trim()) return undefined;
  if (kind === "long") return text;
  if (kind === "text") return text.trim();
  if (kind === "picture") return "multiple" in field.dataset ? text.trim().split(/\s+/) : text.trim();
  try { return read(text); } catch { return text; }
}

// JSON whose whole numbers stay as they were typed, however long they are.
function read(text) {
  const digits = (_, value, { source } = {}) => (Number.isInteger(value) && !Number.isSafeInteger(value) && JSON.rawJSON && source ? JSON.rawJSON(source) : value);
  return JSON.parse(text, digits);
}

function made() {
  const all = { model: form.dataset.model };
  for (const field of fields) {
    const given = value(field);
    if (given !== undefined) all[field.dataset.field] = given;
  }
  return all;
}

function short(_, value) {
  if (typeof value !== "string" || !value.startsWith("data:")) return value;
  const told = `${value.slice(0, 40)}… (${value.length.toLocaleString("en")} characters, picture ${whole.size + 1})`;
  whole.set(told, value);
  return told;
}

function write(all) {
  whole.clear();
  body.value = JSON.stringify(all, short, 2);
}

// What is sent: the text to the letter, be it JSON or not, with the data of the pictures in their places.
function text() {
  let all = body.value;
  for (const [told, value] of whole) all = all.replaceAll(JSON.stringify(told), () => JSON.stringify(value));
  return all;
}

// The body as it was edited, with what a field now holds.
function put(field) {
  let all;
  try { all = read(text()); } catch { /* what is no JSON has no fields */ }
  if (!all || typeof all !== "object" || Array.isArray(all)) all = made();
  const given = value(field);
  if (given === undefined) delete all[field.dataset.field];
  else all[field.dataset.field] = given;
  write(all);
  changed();
}

// A form is checked as it is sent: its files are no text.
function checking(asked) {
  const key = form.dataset.key;
  if ("form" in form.dataset) return [`/_pixelpact/try/check?model=${encodeURIComponent(key)}`, { method: "POST", body: parts() }];
  return ["/_pixelpact/try/check", { method: "POST", headers: { "Content-Type": "application/json" }, body: `{"model": ${JSON.stringify(key)}, "body": ${asked}}` }];
}

let turn = 0;
async function check() {
  const mine = ++turn;
  const asked = text();
  try { JSON.parse(asked); } catch (problem) { told.textContent = `no JSON: ${problem.message}`; return; }
  let model, found;
  try {
    const answer = await fetch(...checking(asked));
    if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.message ?? String(answer.status));
    ({ model, found } = await answer.json());
  } catch (problem) {
    if (mine === turn) told.textContent = `not checked: ${problem.message}`;
    return;
  }
  if (mine !== turn) return;
  for (const field of fields) {
    const problem = field.querySelector(".problem");
    const name = field.dataset.field;
    const mine = found.filter((one) => one.field === name);
    problem.textContent = mine.map((one) => (one.says.startsWith(`${name}: `) ? one.says.slice(name.length + 2) : one.says)).join("; ");
    problem.hidden = mine.length === 0;
    field.querySelector("[name]").setAttribute("aria-invalid", String(mine.length > 0));
  }
  const whose = model === form.dataset.key ? "" : ` of ${model}`;
  told.textContent = found.length ? `${found.length} broken rule${found.length > 1 ? "s" : ""}${whose}: ${found[0].says}` : `keeps to the contract${whose}`;
}

let waiting = 0;
function changed() {
  clearTimeout(waiting);
  waiting = setTimeout(check, 200);
}

function element(name, text, ...inner) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...inner);
  return made;
}

// Every picture of an answer, wherever it stands: a link of this mock, or base64.
function pictures(node, found = []) {
  if (node && typeof node === "object") {
    for (const [name, inner] of Object.entries(node)) {
      if (typeof inner === "string" && inner.startsWith(`${location.origin}/`)) found.push(inner);
      else if (typeof inner === "string" && name === "b64_json" && inner) found.push(`data:image/${KINDS[inner.slice(0, 5)] ?? "jpeg"};base64,${inner}`);
      else pictures(inner, found);
    }
  }
  return found;
}

// A picture with a link to its file. What a browser cannot show, such as TIFF, is shown small, as the workbench has it.
function shown(place, number, id) {
  const picture = document.createElement("img");
  const link = element("a", `File ${number + 1}`);
  const told = element("figcaption", "", link);
  const small = () => {
    told.append(" A browser cannot show its format: above it is small, as JPEG.");
    picture.src = `/_pixelpact/journal/${encodeURIComponent(id)}/thumbnail`;
  };
  // The small one is of the first picture, and there is none of a call of another key.
  picture.addEventListener("error", () => (id && number === 0 && picture.src === place ? small() : picture.remove()));
  picture.alt = "The picture that came";
  picture.src = place;
  link.href = place;
  if (place.startsWith("data:")) link.download = "picture";
  return element("figure", "", picture, told);
}

// The body as the parts of a form.
function parts() {
  const data = new FormData();
  for (const [name, given] of Object.entries(read(text()))) {
    const chosen = files.get(name);
    if (chosen) chosen.forEach((file) => data.append(name, file.file));
    else data.append(name, typeof given === "string" ? given : JSON.stringify(given));
  }
  return data;
}

function request() {
  const headers = { Authorization: `Bearer ${key.value}` };
  if ("form" in form.dataset) return { method: "POST", headers, body: parts() };
  return { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: text() };
}

function say(kind, ...told) {
  line.className = kind;
  line.replaceChildren(...told);
  rest.replaceChildren();
  come();
}

// Where the answer stands below the form, it would come unseen.
function come() {
  if (NARROW.matches) heading.scrollIntoView();
}

let asking = null;
// The files that were chosen, once they are in the body.
let reading = Promise.resolve();
async function send(event) {
  event.preventDefault();
  asking?.abort();
  if (!/^[\x20-\x7e]*$/.test(key.value)) return say("bad", "Not sent: an API key goes into a header, so it has to be ASCII.");
  const mine = new AbortController();
  asking = mine;
  say("", "Asking…");
  const began = performance.now();
  try {
    await reading;
    const answer = await fetch(form.dataset.path, { ...request(), signal: mine.signal });
    const text = await answer.text();
    if (asking === mine) show(answer, text, performance.now() - began);
  } catch (problem) {
    if (asking === mine) say("bad", noAnswer(problem));
  }
}

function noAnswer(problem) {
  if (problem instanceof SyntaxError) return `Not sent: the body is no JSON, so no form can be made of it (${problem.message}).`;
  return `No answer came, or not the whole of it (${problem.message}). A browser may have asked more than once by itself: the list of requests shows how often.`;
}

// Signatures and base64 would hide the rest.
function brief(_, inner) {
  if (typeof inner !== "string") return inner;
  const [place, query] = inner.startsWith("http") ? inner.split("?", 2) : [inner];
  if (query?.length > 40) return `${place}?… (a signature of ${query.length} characters)`;
  return inner.length > 2000 ? `${inner.slice(0, 60)}… (${inner.length.toLocaleString("en")} characters)` : inner;
}

function show(answer, text, took) {
  let value = null;
  try { value = JSON.parse(text); } catch { /* a fault may say anything */ }
  const badge = element("span", String(answer.status));
  badge.className = `badge ${answer.status < 400 ? "ok" : answer.status < 500 ? "warn" : "bad"}`;
  const id = answer.headers.get("x-request-id");
  const link = element("a", "Open the request");
  link.href = `/_pixelpact/requests/${encodeURIComponent(id)}`;
  say("", badge, ` ${took.toFixed(0)} ms `, ...(id ? [link] : []));
  const json = element("pre", "", element("code", value === null ? text.slice(0, 5000) : JSON.stringify(value, brief, 2)));
  json.tabIndex = 0;
  const headers = element("details", "", element("summary", "Headers"), element("pre", [...answer.headers].map((pair) => pair.join(": ")).join("\n")));
  rest.replaceChildren(...pictures(value).map((place, number) => shown(place, number, id)), json, headers);
  rest.querySelector("img")?.addEventListener("load", come, { once: true });
  come();
}

// Of a file and a text the later one counts: the other is taken away.
async function choose(field, input) {
  const read = (file) => new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done({ file, text: reader.result }));
    reader.addEventListener("error", () => failed(reader.error));
    reader.readAsDataURL(file);
  });
  const chosen = await Promise.all([...input.files].map(read));
  if (chosen.length !== input.files.length) return;
  if (!chosen.length) return drop(field);
  files.set(field.dataset.field, chosen);
  field.querySelector("[name]").value = "";
  field.querySelector(".away").hidden = false;
  put(field);
}

function drop(field) {
  if (files.delete(field.dataset.field)) {
    field.querySelector(".file").value = "";
    field.querySelector(".away").hidden = true;
  }
  put(field);
}

document.getElementById("sent").hidden = false;
for (const field of fields) {
  const input = field.querySelector(".file");
  if (!input) continue;
  input.parentElement.hidden = false;
  const unread = (problem) => { input.value = ""; told.textContent = `the file cannot be read: ${problem.message}`; };
  input.addEventListener("change", () => { reading = Promise.all([reading, choose(field, input).catch(unread)]); });
  field.querySelector(".away").addEventListener("click", () => { drop(field); input.focus(); });
}
form.addEventListener("input", (event) => {
  const field = event.target.closest("[data-field]");
  if (field && !event.target.matches(".file")) drop(field);
});
body.addEventListener("input", changed);
// What breaks a rule is told, and sent all the same: what comes of it is what one looks for.
form.noValidate = true;
form.addEventListener("submit", send);
// What was typed is typed for the next model too, where it has such a field.
const typed = () => fields.map((field) => field.querySelector("[name]")).filter((input) => input.value !== (input.defaultValue ?? input.value));
chooser.addEventListener("submit", () => {
  try { sessionStorage.setItem("typed", JSON.stringify(typed().map((input) => [input.name, input.value]))); } catch { /* a picture too long to carry */ }
});
for (const [name, value] of JSON.parse(sessionStorage.getItem("typed") ?? "[]")) {
  const input = form.elements[name];
  if (input?.defaultValue !== undefined) input.value = value;
}
sessionStorage.removeItem("typed");
write(made());
changed();
