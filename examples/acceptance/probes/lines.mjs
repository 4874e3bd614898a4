// What every probe does: a line of requests comes in, a line of answers goes out. The requests of a line are sent at once.
import { createInterface } from "node:readline";

export async function serve(answer) {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await Promise.all(JSON.parse(line).map(answer))));
  }
}
