/** The SharedWorker's script: every tab that opens it gets a port to the one holder. */
import { systemClock } from "../../shared/clock.js";
import type { LiveSocket } from "../connection/socket.js";
import { Holder } from "./holder.js";
import { holdLife } from "./holderLife.js";

const holder = new Holder({
  clock: systemClock,
  openSocket: (url, protocols) => new WebSocket(url, [...protocols]) as LiveSocket,
});

holdLife(navigator.locks, (name) => {
  holder.life = name;
});

self.addEventListener("connect", (event) => {
  for (const port of (event as MessageEvent).ports) holder.connect(port);
});
