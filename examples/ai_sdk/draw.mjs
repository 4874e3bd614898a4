// Draw and edit a picture with Vercel's AI SDK.
// Set OPENAI_BASE_URL, as https://api.aimlapi.com/v1, and OPENAI_API_KEY. Then: npm install && node draw.mjs
import { writeFile } from "node:fs/promises";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateImage } from "ai";

// Not @ai-sdk/openai: that one refuses an answer with a link in it.
const aimlapi = createOpenAICompatible({
  name: "aimlapi",
  baseURL: process.env.OPENAI_BASE_URL,
  apiKey: process.env.OPENAI_API_KEY,
});

async function kept({ image }, name) {
  await writeFile(name, image.uint8Array);
  console.log(`${name}: ${image.uint8Array.length} bytes`);
  return image;
}

const drawn = await generateImage({
  model: aimlapi.imageModel("bytedance/seedream-3.0"),
  prompt: "a lighthouse at dusk",
  size: "1152x864",
  // `seed` and `aspectRatio` of the SDK are dropped; what stands here is sent as it is.
  providerOptions: { aimlapi: { seed: 7, watermark: false } },
});
const { base64 } = await kept(drawn, "lighthouse.jpg");

// `prompt: { images: [...] }` would go to /images/edits, which the API does not have.
const edited = await generateImage({
  model: aimlapi.imageModel("bytedance/seededit-3.0-i2i"),
  prompt: "Add a bird to the foreground.",
  providerOptions: { aimlapi: { image: `data:image/jpeg;base64,${base64}` } },
});
await kept(edited, "bird.jpg");
