// `node faults_seen.mjs`: what a program sees of a picture that it asks for, by the OpenAI SDK or by fetch. A request holds
// `client`, `hop`, `base`, `key`, `patience` in seconds and the `body`; the first hop asks, the second follows the link.
import { serve } from "./lines.mjs";

const PATIENT = 10;

async function byOpenai({ base, key, patience, body }) {
  const { default: OpenAI } = await import("openai");
  const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: key, maxRetries: 0, timeout: patience * 1000 });
  return { link: (await client.images.generate(body)).data[0].url };
}

/** fetch raises for no status: this is what a program raises itself. */
class Refused extends Error {
  name = "Refused";
  constructor({ status, statusText, headers }, text) {
    super(`${status} ${statusText}`);
    Object.assign(this, { status, headers, text });
  }
}

async function fetched(url, patience, how = {}) {
  const came = await fetch(url, { ...how, signal: AbortSignal.timeout(patience * 1000) });
  if (!came.ok) throw new Refused(came, await came.text());
  return came;
}

async function generated({ base, key, body }, patience) {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  const came = await fetched(`${base}/v1/images/generations`, patience, { method: "POST", headers, body: JSON.stringify(body) });
  return (await came.json()).data[0].url;
}

async function byFetch(asked) {
  if (asked.hop === "api") return { link: await generated(asked, asked.patience) };
  const came = await fetched(await generated(asked, PATIENT), asked.patience);
  const bytes = new Uint8Array(await came.arrayBuffer());
  return { type: came.headers.get("content-type"), jpeg: bytes[0] === 0xff && bytes[1] === 0xd8 };
}

/** An error and its causes: the name and code of each, and what it says. */
function chain(error) {
  if (!error) return [];
  const name = error.constructor.name === "DOMException" ? error.name : error.constructor.name;
  const code = typeof error.code === "string" ? ` ${error.code}` : "";
  return [{ raised: `${name}${code}`, says: error.message }, ...chain(error.cause)];
}

/** What an error tells of an answer that is a refusal; the SDK alone has read its body. */
function refusal({ status, headers, text, error, code, param, type }) {
  const told = { status, type: headers.get("content-type"), wait: headers.get("retry-after"), text: text ?? null };
  return text === undefined ? { ...told, sdk: { error: error ?? null, code: code ?? null, param: param ?? null, type: type ?? null } } : told;
}

const CLIENTS = { openai: byOpenai, fetch: byFetch };

await serve(async (asked) => {
  try {
    return await CLIENTS[asked.client](asked);
  } catch (error) {
    return { chain: chain(error), refusal: error.status === undefined ? null : refusal(error) };
  }
});
