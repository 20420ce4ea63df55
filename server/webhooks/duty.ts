/** The port to who tells webhooks: of all servers that share an outbox one at a time. */
export interface Duty {
  /** Aborted as soon as it is not surely this server's any more; null while it is not. Asked anew each time. */
  readonly term: AbortSignal | null;
  /** From here on this server takes its turn, until `close`. `ours` runs when the duty has become its own, and again every few seconds while it is: what a server that died has left is found so. */
  begin(ours: () => void): void;
  /** Ends its term, and leaves no timer. Others have the duty once they do not see this server any more. */
  close(): Promise<void>;
}
