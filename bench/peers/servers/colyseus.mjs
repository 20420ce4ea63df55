/** colyseus 0.16: the same state as a schema, its changes sent each millisecond. */
import { Room, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { schemaOf } from "../speech/colyseusSchema.mjs";
import { plainServer, serve } from "./serving.mjs";

class Bench extends Room {
  maxClients = 100_000;
  patchRate = 1;
  autoDispose = false;
  state = schemaOf();

  onCreate() {
    this.onMessage("update", (_client, { index, update }) => {
      Object.assign(this.state.steps[index], update);
    });
  }
}

const http = plainServer();
const server = new Server({
  transport: new WebSocketTransport({ server: http, backlog: 4096 }),
  greet: false,
  gracefullyShutdown: false,
});
server.define("bench", Bench);
await server.listen(0, "127.0.0.1");
serve(http.address().port);
