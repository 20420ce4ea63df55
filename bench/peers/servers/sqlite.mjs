/** better-sqlite3 with WAL and synchronous=FULL: each state a row, one transaction for all updates that came in one turn of the event loop. */
import Database from "better-sqlite3";
import { WebSocketServer } from "ws";
import { stateOf } from "../scene.mjs";
import { listenOn, plainServer, serve } from "./serving.mjs";

const [, , path, count] = process.argv;
const database = new Database(path);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec("CREATE TABLE workflows (id TEXT PRIMARY KEY, revision INTEGER, state TEXT)");
const insert = database.prepare("INSERT INTO workflows VALUES (?, 0, ?)");
const update = database.prepare(
  "UPDATE workflows SET revision = revision + 1, state = ? WHERE id = ?",
);

const read = database.prepare("SELECT state FROM workflows WHERE id = ?");

const states = new Map();
database.transaction(() => {
  for (let at = 0; at < Number(count); at++) {
    const state = stateOf(`w${at}`);
    states.set(state.workflow_id, state);
    insert.run(state.workflow_id, JSON.stringify(state));
  }
})();

let waiting = [];
let written = 0;
const server = plainServer();
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
  socket.send('{"type":"snapshot"}');
  socket.on("error", () => {});
  socket.on("message", (data) => {
    if (waiting.length === 0) setImmediate(writeWaiting);
    waiting.push({ socket, report: JSON.parse(data.toString()) });
  });
});
serve(await listenOn(server), {
  state: (id) => JSON.parse(read.get(id).state),
});

const write = database.transaction((group) => {
  for (const { report } of group) {
    const state = states.get(report.workflow_id);
    Object.assign(state.steps[report.index], report.update);
    update.run(JSON.stringify(state), report.workflow_id);
  }
});

function writeWaiting() {
  const group = waiting;
  waiting = [];
  write(group);
  for (const { socket, report } of group) {
    written++;
    socket.send(
      JSON.stringify({ type: "accepted", request_id: report.request_id, revision: written }),
    );
  }
}
