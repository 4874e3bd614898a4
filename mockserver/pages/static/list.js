// The list as it grows, and as it is looked through: the server draws the rows, this puts them in place.
const place = document.getElementById("rows");
const form = document.querySelector("form.filter");
let seen = place.dataset.seen;
let source = null;
let latest = 0;

async function refresh() {
  const turn = ++latest;
  const query = new URLSearchParams(new FormData(form));
  const before = new URLSearchParams(location.search).get("before");
  if (before) query.set("before", before);
  const answer = await fetch(`/_pixelpact/rows?${query}`);
  if (!answer.ok || turn !== latest) return;
  const focused = document.activeElement?.closest?.("#rows a")?.getAttribute("href");
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  place.replaceChildren(...parsed.body.childNodes);
  if (focused) [...place.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
}

function listen() {
  source = new EventSource(`/_pixelpact/events?seen=${encodeURIComponent(seen)}`);
  source.addEventListener("calls", (event) => {
    const now = JSON.parse(event.data).seen;
    if (now === seen) return;
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
