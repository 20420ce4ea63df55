/** socket.io 4: the same delta as an event to everybody. */
import { Server } from "socket.io";
import { stateOf } from "../scene.mjs";
import { listenOn, plainServer, serve } from "./serving.mjs";

const state = stateOf("bench");
let revision = 0;
const server = plainServer();
const io = new Server(server, { transports: ["websocket"], serveClient: false });
io.on("connection", (socket) => {
  socket.emit("snapshot", { revision, state });
  socket.on("update", ({ index, update }, accept) => {
    Object.assign(state.steps[index], update);
    revision++;
    io.emit("changed", { revision, index, update });
    accept(revision);
  });
});
serve(await listenOn(server));
