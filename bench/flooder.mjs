/** Floods an Instep server until it is told to stop: `node flooder.mjs <url> <kind> <how many> <from which address>`. */
import { Agent, request } from "node:http";
import { WebSocket } from "ws";

const [url, kind, count, localAddress] = process.argv.slice(2);
const counts = { accepted: 0, refused: 0, "cut off": 0, "turned away": 0 };
const TOO_MANY_FRAMES = 4029;
const BIG = "x".repeat(900_000);
let requests = 0;
let isOver = false;

process.once("disconnect", () => process.exit());
process.once("message", () => {
  isOver = true;
  process.send(counts, () => process.exit());
});
const isHttp = kind === "get" || kind === "post";
for (let i = 0; i < Number(count); i++) isHttp ? call(i, agent()) : flood(i);
setTimeout(() => process.send("flooding"), 50);

/** Comes back at once, whatever the server says. */
function flood(i) {
  if (isOver) return;
  const socket = new WebSocket(`${url.replace("http", "ws")}/workflow/live`, "instep.v1", {
    localAddress,
  });
  let isOpen = false;
  socket.on("error", () => {});
  socket.on("open", () => {
    isOpen = true;
    send(socket, i);
  });
  socket.on("message", (data) => {
    const text = data.toString();
    if (text.startsWith('{"type":"accepted"')) counts.accepted += 1;
    else if (text.startsWith('{"type":"refused"')) counts.refused += 1;
  });
  socket.on("close", (code) => {
    if (code === TOO_MANY_FRAMES) counts["cut off"] += 1;
    if (!isOpen) counts["turned away"] += 1;
    setTimeout(flood, 10, i);
  });
}

function frameOf(i) {
  const state = { workflow_id: `flood-${i}`, n: requests };
  switch (kind) {
    case "garbage":
      return "{";
    case "big":
      return propose({ ...state, text: BIG });
    default:
      return propose(state);
  }
}

const propose = (state) =>
  JSON.stringify({
    type: "propose",
    request_id: `f${requests++}`,
    command: { kind: "save", state },
  });

function send(socket, i) {
  if (isOver || socket.readyState !== socket.OPEN) return;
  if (kind === "polite") {
    socket.send(frameOf(i));
    setTimeout(send, 10, socket, i);
    return;
  }
  for (let n = 0; n < 50 && socket.bufferedAmount < 1_000_000; n++) {
    if (kind === "ping") socket.ping();
    else socket.send(frameOf(i));
  }
  setImmediate(send, socket, i);
}

function agent() {
  return new Agent({ keepAlive: true, maxSockets: 1, localAddress });
}

function call(i, agent) {
  if (isOver) return;
  const body = JSON.stringify({ workflow_id: `flood-${i}`, n: requests++ });
  const post = { method: "POST", headers: { "Content-Type": "application/json" } };
  const asked = request(`${url}/workflow/state`, { agent, ...(kind === "post" ? post : {}) });
  asked.on("response", (answer) => {
    if (answer.statusCode === 429) counts.refused += 1;
    else counts.accepted += 1;
    answer.resume();
    answer.on("end", () => setImmediate(call, i, agent));
  });
  asked.on("error", () => setTimeout(call, 10, i, agent));
  asked.end(kind === "post" ? body : undefined);
}
