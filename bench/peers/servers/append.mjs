/** The least that is durable: a line of each update appended to one file, one fdatasync for all that gathered meanwhile, then the answers. */
import { fdatasync, openSync, write } from "node:fs";
import { promisify } from "node:util";
import { WebSocketServer } from "ws";
import { listenOn, plainServer, serve } from "./serving.mjs";

const file = openSync(process.argv[2], "a");
const writeAll = promisify(write);
const sync = promisify(fdatasync);
let waiting = [];
let isWriting = false;
let written = 0;

const server = plainServer();
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
  socket.send('{"type":"snapshot"}');
  socket.on("error", () => {});
  socket.on("message", (data) => {
    waiting.push({ socket, report: JSON.parse(data.toString()) });
    if (!isWriting) writeWaiting();
  });
});
/** It keeps lines and no states. */
serve(await listenOn(server), { state: () => null });

async function writeWaiting() {
  isWriting = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await writeAll(file, group.map(({ report }) => `${JSON.stringify(report)}\n`).join(""));
    await sync(file);
    for (const { socket, report } of group) {
      written++;
      socket.send(
        JSON.stringify({ type: "accepted", request_id: report.request_id, revision: written }),
      );
    }
  }
  isWriting = false;
}
