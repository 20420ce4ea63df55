/** Bare ws: a delta to every watcher, by `send` in a loop, or (`preframed`) its frame built once and written to the sockets. */
import { Sender, WebSocketServer } from "ws";
import { stateOf } from "../scene.mjs";
import { listenOn, plainServer, serve } from "./serving.mjs";

const preframed = process.argv[2] === "preframed";
const FRAME = { fin: true, opcode: 1, mask: false, readOnly: true, rsv1: false };

const state = stateOf("bench");
let revision = 0;
const server = plainServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket) => {
  socket.send(JSON.stringify({ type: "snapshot", revision, state }));
  socket.on("message", (data) => receive(socket, JSON.parse(data.toString())));
  socket.on("error", () => {});
});
serve(await listenOn(server));

function receive(driver, { request_id, index, update }) {
  Object.assign(state.steps[index], update);
  revision++;
  broadcast(JSON.stringify({ type: "changed", revision, index, update }));
  driver.send(JSON.stringify({ type: "accepted", request_id, revision }));
}

function broadcast(text) {
  if (!preframed) {
    for (const socket of sockets.clients) socket.send(text);
    return;
  }
  const frame = Buffer.concat(Sender.frame(Buffer.from(text), FRAME));
  for (const socket of sockets.clients) socket._socket.write(frame);
}
