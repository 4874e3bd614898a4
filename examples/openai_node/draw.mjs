// Draw and edit a picture with the OpenAI SDK for Node, and read what each cost.
// Set OPENAI_BASE_URL, as https://api.aimlapi.com/v1, and OPENAI_API_KEY. Then: npm install && node draw.mjs
import { writeFile } from "node:fs/promises";
import OpenAI from "openai";

const client = new OpenAI();

/** The picture behind the answer's link, in a file too: the link expires. */
async function kept(answer, name) {
  const data = Buffer.from(await (await fetch(answer.data[0].url)).arrayBuffer());
  await writeFile(name, data);
  console.log(`${name}: ${data.length} bytes, ${answer.meta?.usage?.credits_used} credits, request ${answer._request_id}`);
  return data;
}

const drawn = await client.images.generate({
  model: "bytedance/seedream-3.0",
  prompt: "a lighthouse at dusk",
  size: "1152x864",
});
const image = `data:image/jpeg;base64,${(await kept(drawn, "lighthouse.jpg")).toString("base64")}`;

// Fields that OpenAI's own models do not know pass straight through.
const edited = await client.images.generate({
  model: "bytedance/seededit-3.0-i2i",
  prompt: "Add a bird to the foreground.",
  image,
  seed: 7,
});
await kept(edited, "bird.jpg");

try {
  await client.images.generate({ model: "bytedance/seedream-3.0", prompt: "a fox", guidance_scale: 11 });
} catch (error) {
  if (!(error instanceof OpenAI.BadRequestError)) throw error;
  console.log(`refused: ${error.message}`);
}
