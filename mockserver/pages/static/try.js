// The form as a body, and the body as a real request: sent to the real path, so that what goes wrong goes wrong here too.
const form = document.getElementById("trial");
const body = document.getElementById("body");
const told = document.getElementById("told");
const came = document.getElementById("came");
const chooser = document.querySelector(".choose select");
const fields = [...form.querySelectorAll("[data-field]")];
const files = new Map();
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
  try { return JSON.parse(text); } catch { return text; }
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
  try { all = JSON.parse(text()); } catch { /* what is no JSON has no fields */ }
  if (!all || typeof all !== "object" || Array.isArray(all)) all = made();
  const given = value(field);
  if (given === undefined) delete all[field.dataset.field];
  else all[field.dataset.field] = given;
  write(all);
  changed();
}

let turn = 0;
async function check() {
  const mine = ++turn;
  const asked = text();
  try { JSON.parse(asked); } catch (problem) { told.textContent = `no JSON: ${problem.message}`; return; }
  let found;
  try {
    const answer = await fetch("/_pixelpact/try/check", { method: "POST", headers: { "Content-Type": "application/json" }, body: `{"model": ${JSON.stringify(form.dataset.key)}, "body": ${asked}}` });
    if (!answer.ok) throw new Error(String(answer.status));
    found = await answer.json();
  } catch (problem) {
    if (mine === turn) told.textContent = `not checked: ${problem.message}`;
    return;
  }
  if (mine !== turn) return;
  for (const field of fields) {
    const problem = field.querySelector(".problem");
    const mine = found.filter((one) => one.field === field.dataset.field);
    problem.textContent = mine.map((one) => one.says).join("; ");
    problem.hidden = mine.length === 0;
    field.querySelector("[name]").setAttribute("aria-invalid", String(mine.length > 0));
  }
  told.textContent = found.length ? `${found.length} broken rule${found.length > 1 ? "s" : ""}: ${found[0].says}` : "keeps to the contract";
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
      else if (typeof inner === "string" && name === "b64_json" && inner) found.push(`data:${inner.startsWith("iVBOR") ? "image/png" : inner.startsWith("UklGR") ? "image/webp" : "image/jpeg"};base64,${inner}`);
      else pictures(inner, found);
    }
  }
  return found;
}

function request() {
  const headers = { Authorization: `Bearer ${document.getElementById("api-key").value}` };
  if (!("form" in form.dataset)) return { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: text() };
  const data = new FormData();
  for (const [name, given] of Object.entries(JSON.parse(text()))) {
    const chosen = files.get(name);
    if (chosen) chosen.forEach((file) => data.append(name, file.file));
    else data.append(name, typeof given === "string" ? given : JSON.stringify(given));
  }
  return { method: "POST", headers, body: data };
}

async function send(event) {
  event.preventDefault();
  came.replaceChildren(element("p", "Asking…"));
  const began = performance.now();
  try {
    const answer = await fetch(form.dataset.path, request());
    const text = await answer.text();
    show(answer, text, performance.now() - began);
  } catch (problem) {
    const said = element("p", `No answer: ${problem.message}`);
    said.className = "bad";
    came.replaceChildren(said);
  }
}

function show(answer, text, took) {
  let value = null;
  try { value = JSON.parse(text); } catch { /* a fault may say anything */ }
  const badge = element("span", String(answer.status));
  badge.className = `badge ${answer.status < 400 ? "ok" : answer.status < 500 ? "warn" : "bad"}`;
  const line = element("p", "", badge, ` ${took.toFixed(0)} ms `);
  const id = answer.headers.get("x-request-id");
  if (id) {
    const link = element("a", "Open the request");
    link.href = `/_pixelpact/requests/${encodeURIComponent(id)}`;
    line.append(link);
  }
  const shown = pictures(value).map((place) => {
    const picture = document.createElement("img");
    picture.src = place;
    picture.alt = "The picture that came";
    return picture;
  });
  const long = (_, inner) => (typeof inner === "string" && inner.length > 2000 ? `${inner.slice(0, 60)}… (${inner.length.toLocaleString("en")} characters)` : inner);
  const json = element("pre", "", element("code", value === null ? text.slice(0, 5000) : JSON.stringify(value, long, 2)));
  json.tabIndex = 0;
  const headers = element("details", "", element("summary", "Headers"), element("pre", [...answer.headers].map((pair) => pair.join(": ")).join("\n")));
  came.replaceChildren(line, ...shown, json, headers);
}

async function choose(field, input) {
  const read = (file) => new Promise((done) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done({ file, text: reader.result }));
    reader.readAsDataURL(file);
  });
  const chosen = await Promise.all([...input.files].map(read));
  if (chosen.length) files.set(field.dataset.field, chosen);
  else files.delete(field.dataset.field);
  put(field);
}

document.getElementById("live").hidden = false;
for (const field of fields) {
  const input = field.querySelector("input.file");
  if (!input) continue;
  input.hidden = false;
  input.addEventListener("change", () => choose(field, input));
}
form.addEventListener("input", (event) => {
  const field = event.target.closest("[data-field]");
  if (field && !event.target.matches(".file")) put(field);
});
body.addEventListener("input", changed);
// What breaks a rule is told, and sent all the same: what comes of it is what one looks for.
form.noValidate = true;
form.addEventListener("submit", send);
chooser.addEventListener("change", () => chooser.form.requestSubmit());
write(made());
changed();
