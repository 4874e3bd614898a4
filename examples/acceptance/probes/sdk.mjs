// `node sdk.mjs CLIENT`: one picture by an SDK, asked for as its users ask. A request holds `base`, `key`, `model`,
// `prompt` and, if they are to be sent, `size`, `response_format` and further `fields`.
import { serve } from "./lines.mjs";

async function byOpenai({ base, key, model, prompt, size, response_format, fields }) {
  const { default: OpenAI } = await import("openai");
  const client = new OpenAI({ baseURL: base, apiKey: key, maxRetries: 0 });
  const came = await client.images.generate({ model, prompt, size, response_format, ...fields });
  return { ...came, request_id: came._request_id };
}

/** The AI SDK always asks for base64. A server that answers by link all the same is played here, on the way out. */
async function linksOnly(url, init) {
  if (init?.method !== "POST") return fetch(url, init);
  const { response_format, ...body } = JSON.parse(init.body);
  return fetch(url, { ...init, body: JSON.stringify(body) });
}

function byVercel(provider) {
  return async ({ base, key, model, prompt, size, fields, links_only }) => {
    const { generateImage } = await import("ai");
    const settings = { name: "aimlapi", baseURL: base, apiKey: key, fetch: links_only ? linksOnly : fetch };
    const made = (await provider(settings)).imageModel(model);
    const { image } = await generateImage({ model: made, prompt, size, maxRetries: 0, providerOptions: { aimlapi: fields } });
    return { data: [{ b64_json: image.base64 }] };
  };
}

const CLIENTS = {
  openai: byOpenai,
  "openai-compatible": byVercel(async (to) => (await import("@ai-sdk/openai-compatible")).createOpenAICompatible(to)),
  "ai-openai": byVercel(async (to) => (await import("@ai-sdk/openai")).createOpenAI(to)),
};

await serve(async (asked) => {
  try {
    return await CLIENTS[process.argv[2]](asked);
  } catch (error) {
    return { error: error.name, status: error.status ?? error.statusCode ?? null, message: error.message };
  }
});
