/** What every server of the bench has in common: it says where it listens, and what it has used so far. */
import { createServer } from "node:http";

/** `handlers` answer further questions by name. */
export function serve(port, handlers = {}) {
  const all = { usage, ...handlers };
  process.on("message", async ({ id, ask, argument }) => {
    try {
      process.send({ id, answer: await all[ask](argument) });
    } catch (error) {
      process.send({ id, failure: error.stack ?? String(error) });
    }
  });
  process.on("disconnect", () => process.exit());
  process.send({ port });
}

/** CPU in microseconds since the process began, memory in bytes; `gc` first where only what is kept should count. */
function usage({ gc = false } = {}) {
  if (gc) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpu: user + system, rss, heapUsed };
}

export async function listenOn(server) {
  await new Promise((resolve, reject) => {
    server.once("error", reject).listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, resolve);
  });
  return server.address().port;
}

export function plainServer() {
  return createServer((_request, response) => response.writeHead(404).end());
}
