// The list as it grows, and as it is looked through: the server draws the rows, this puts them in place.
const place = document.getElementById("rows");
const form = document.querySelector("form.filter");
const models = form.elements.model;
const live = document.getElementById("live");
let seen = place.dataset.seen;
let source = null;
let latest = 0;
let lost = 0;
// There are calls that this list has not.
let due = false;

function tell(words, lost = true) {
  if (live.textContent !== words) live.textContent = words;
  live.classList.toggle("bad", lost);
}

async function refresh() {
  const turn = ++latest;
  const query = new URLSearchParams(new FormData(form));
  const before = new URLSearchParams(location.search).get("before");
  if (before) query.set("before", before);
  try {
    const answer = await fetch(`/_pixelpact/rows?${query}`);
    const text = await answer.text();
    if (turn !== latest) return;
    if (answer.ok) show(new DOMParser().parseFromString(text, "text/html").body);
    else tell(`Answered with ${answer.status}: load the page again`);
  } catch {
    due = true;
    tell("The mock does not answer");
  }
}

// Not while somebody marks a text to copy it.
function update() {
  if (!due || !getSelection().isCollapsed) return;
  due = false;
  refresh();
}

function show(fresh) {
  const whose = (rows) => rows.querySelector("[data-whose]").dataset.whose;
  if (whose(fresh) !== whose(place)) {
    source?.close();
    tell("Another key is in use in this browser by now: load the page again");
    return;
  }
  if (source) tell("Live", false);
  const links = () => [...place.querySelectorAll("tbody a")];
  const find = (href) => links().find((link) => link.getAttribute("href") === href);
  const focused = document.activeElement?.closest?.("#rows a");
  // What somebody reads further down stays where it is.
  const read = scrollY > 200 ? links().find((link) => link.getBoundingClientRect().top > 0) : null;
  const top = read?.getBoundingClientRect().top;
  place.replaceChildren(...fresh.childNodes);
  const paging = () => [...place.querySelectorAll(".pages a")].find((link) => link.textContent === focused.textContent);
  if (focused) (find(focused.getAttribute("href")) ?? paging())?.focus({ preventScroll: true });
  const moved = read && find(read.getAttribute("href"));
  if (moved) scrollBy({ top: moved.getBoundingClientRect().top - top, behavior: "instant" });
  const known = new Set([...models.options].map((option) => option.value));
  for (const name of JSON.parse(place.querySelector("[data-models]").dataset.models)) {
    if (!known.has(name)) models.add(new Option(name, name));
  }
}

function listen() {
  source = new EventSource(`/_pixelpact/events?seen=${encodeURIComponent(seen)}`);
  source.addEventListener("open", () => {
    clearTimeout(lost);
    lost = 0;
    if (due) update();
    else tell("Live", false);
  });
  source.addEventListener("error", () => {
    // Each stream ends well, and a browser comes back by itself, unless it was told not to.
    if (source?.readyState === EventSource.CLOSED) tell("Not live: load the page again");
    else lost ||= setTimeout(() => tell("The mock does not answer"), 3000);
  });
  source.addEventListener("calls", (event) => {
    const now = JSON.parse(event.data).seen;
    if (now === seen) return;
    seen = now;
    due = true;
    update();
  });
}

function settle() {
  if (document.hidden) {
    source?.close();
    source = null;
  } else if (!source) listen();
}

let waiting = 0;
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
    refresh();
  }, 150);
});
document.addEventListener("visibilitychange", settle);
document.addEventListener("selectionchange", update);
settle();
