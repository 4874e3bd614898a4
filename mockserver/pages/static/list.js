// The list as it grows, and as it is looked through: the server draws the rows, this puts them in place.
const place = document.getElementById("rows");
const form = document.querySelector("form.filter");
const models = form.elements.model;
const live = document.getElementById("live");
let seen = place.dataset.seen;
let source = null;
let latest = 0;
let lost = 0;

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
    tell("The mock does not answer");
  }
}

function show(fresh) {
  const links = () => [...place.querySelectorAll("tbody a")];
  const find = (href) => links().find((link) => link.getAttribute("href") === href);
  const focused = document.activeElement?.closest?.("#rows a")?.getAttribute("href");
  // What somebody reads further down stays where it is.
  const read = scrollY > 200 ? links().find((link) => link.getBoundingClientRect().top > 0) : null;
  const top = read?.getBoundingClientRect().top;
  place.replaceChildren(...fresh.childNodes);
  if (focused) find(focused)?.focus({ preventScroll: true });
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
    tell("Live", false);
  });
  source.addEventListener("error", () => {
    // Each stream ends well, and a browser comes back by itself, unless it was told not to.
    if (source?.readyState === EventSource.CLOSED) tell("Not live: load the page again");
    else lost ||= setTimeout(() => tell("The mock does not answer"), 3000);
  });
  source.addEventListener("calls", (event) => {
    const now = JSON.parse(event.data).seen;
    // Not while somebody marks a text to copy it.
    if (now === seen || !getSelection().isCollapsed) return;
    seen = now;
    refresh();
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
settle();
