/** Every interval of reconnecting, and the backoff. */

export const FIRST_DELAY_MS = 250;
export const LONGEST_DELAY_MS = 10_000;
/** The same where a person is looking: they are few, and each second of it is a second of an old picture. */
export const LONGEST_LOOKED_AT_MS = 3_000;
/** From opening a socket to the server's hello. */
export const CONNECT_DEADLINE_MS = 8_000;
/** From hello until every subscription is answered: snapshots may be large and links slow. */
export const SYNC_DEADLINE_MS = 30_000;
/** Two failed upgrades this close together, while HTTP answers, mean that WebSockets are blocked. */
export const BLOCKED_WITHIN_MS = 10_000;
/** How often a WebSocket is tried while polling; the first time sooner, for the server may only just have come back. */
export const RETRY_SOCKET_MS = 30_000;
export const FIRST_RETRY_SOCKET_MS = 1_000;
/** A connection that breaks sooner after its sync keeps the backoff, or a server that drops us at once makes a storm. */
export const LASTING_MS = 5_000;

/** Full jitter (`random` is 0 to 1): a thousand tabs must not return in the same second. */
export function delayBefore(attempt: number, random: number, longest = LONGEST_DELAY_MS): number {
  return Math.round(random * Math.min(longest, FIRST_DELAY_MS * 2 ** attempt));
}
/** The least time before a refused call is made again. */
export const FIRST_RETRY_MS = 500;
