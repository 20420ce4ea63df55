/** Listens to what the browser says of the network, for as long as somebody wants to know. */
import type { WakeSignal, WakeSignals } from "./wakeSignals.js";

export class Network {
  readonly #signals: WakeSignals;
  readonly #heard: (signal: WakeSignal) => void;
  #stop: (() => void) | null = null;
  /** True unless the browser says otherwise; it may be wrong about a server on this machine. */
  isOnline = true;

  constructor(signals: WakeSignals, heard: (signal: WakeSignal) => void) {
    this.#signals = signals;
    this.#heard = heard;
  }

  listen(isWanted: boolean): void {
    if (isWanted === (this.#stop !== null)) return;
    if (!isWanted) {
      this.#stop?.();
      this.#stop = null;
      return;
    }
    this.isOnline = true;
    this.#stop = this.#signals((signal) => {
      if (signal !== "wake") this.isOnline = signal === "online";
      this.#heard(signal);
    });
  }
}
