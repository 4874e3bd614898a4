// One request by fetch: in Node and in a page alike. `json` is a body to be written, `text` one as it is.
export async function byFetch({ method, url, headers, json, text }) {
  const typed = json === undefined ? {} : { "Content-Type": "application/json" };
  const body = json === undefined ? text : JSON.stringify(json);
  const came = await fetch(url, { method, headers: { ...typed, ...headers }, body });
  return answer(came.status, Object.fromEntries(came.headers), new Uint8Array(await came.arrayBuffer()));
}

/** An answer as a line can hold it. */
export function answer(status, headers, bytes) {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return { status, headers, body: btoa(text) };
}
