// openapi-backend as its README has it: one handler, validation on, Node's own server.
// node openapi_backend.mjs PORT DOCUMENT, from a folder that holds node_modules.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";

const { OpenAPIBackend } = createRequire(process.cwd() + "/")("openapi-backend");
const [, , port, document] = process.argv;

const answer = (response, status, body) => {
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }).end(text);
};
const picture = { created: 1767225600, data: [{ url: "http://127.0.0.1/picture.jpeg" }] };

const api = new OpenAPIBackend({
  definition: JSON.parse(readFileSync(document, "utf8")),
  ajvOpts: { strict: false },
  handlers: {
    createImagesGenerations: (_, request, response) => answer(response, 200, picture),
    validationFail: (context, request, response) => answer(response, 400, { error: context.validation.errors }),
    notFound: (_, request, response) => answer(response, 404, { error: "not found" }),
  },
});
api.registerSecurityHandler("bearer", (context) => (context.request.headers.authorization ?? "").startsWith("Bearer "));
await api.init();

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const { method, url: path, headers } = request;
    const body = Buffer.concat(parts).toString();
    api.handleRequest({ method, path, headers, body }, request, response).catch(() => answer(response, 500, {}));
  });
}).listen(Number(port), "127.0.0.1");
