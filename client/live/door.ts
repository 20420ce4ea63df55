/** How a client comes by its sockets: by one that the browser's tabs share where it is given a worker for that, else by its own. */

import type { Clock } from "../../shared/clock.js";
import { Listeners } from "../../shared/listeners.js";
import { type LiveSocket, openSocket } from "../connection/socket.js";
import {
  browserWakeSignals,
  isTabVisible,
  type WakeSignal,
  type WakeSignals,
} from "../connection/wakeSignals.js";
import { browserWatchLife } from "../sharing/holderLife.js";
import { browserLeaving } from "../sharing/leaving.js";
import { Sharing } from "../sharing/sharing.js";
import { liveAddress, subprotocols } from "../wire/address.js";
import type { ClientOptions } from "./client.js";

export interface Door {
  /** Throws where the browser will not open the address. */
  open(): LiveSocket;
  /** From here on by sockets of this client alone. */
  goAlone(): void;
  /** Also what the shared socket knows of the server. */
  readonly wakeSignals: WakeSignals;
  stop(): void;
}

export function createDoor(options: ClientOptions, mount: URL, clock: Clock): Door {
  const { token, openSharedWorker: openWorker, onLeaving = browserLeaving } = options;
  const { wakeSignals = browserWakeSignals, isLookedAt = isTabVisible } = options;
  const openOwn = () => openSocket(options.WebSocket, mount, token);
  if (!openWorker) return { open: openOwn, goAlone: () => {}, wakeSignals, stop: () => {} };

  const upListeners = new Listeners<WakeSignal>();
  const sharing = new Sharing({
    clock,
    url: liveAddress(mount),
    protocols: subprotocols(token),
    openWorker,
    openOwn,
    onLeaving,
    isLookedAt,
    watchLife: browserWatchLife,
    up: () => upListeners.tell("wake"),
  });
  return {
    open: () => sharing.open(),
    goAlone: () => sharing.goAlone(),
    wakeSignals: (listener) => {
      const stops = [wakeSignals(listener), upListeners.listen(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    stop: () => sharing.stop(),
  };
}
