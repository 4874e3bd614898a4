// `node plain.mjs CLIENT`: HTTP by a client of the caller's choice, and nothing else.
import { serve } from "./lines.mjs";
import { answer, byFetch } from "./send.mjs";

/** As the n8n node sends: by axios. */
async function byAxios({ method, url, headers, json, text }) {
  const { default: axios } = await import("axios");
  // It would make JSON of a text that is none.
  const data = json ?? (text && Buffer.from(text));
  const came = await axios.request({ method, url, headers, data, responseType: "arraybuffer", validateStatus: null });
  return answer(came.status, { ...came.headers }, came.data);
}

await serve({ fetch: byFetch, axios: byAxios }[process.argv[2]]);
