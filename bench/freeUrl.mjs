/** An address of loopback on which nobody listens just now. */
import { once } from "node:events";
import { createServer } from "node:net";

export async function freeUrl() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}
