/** Why a socket was closed, and whether the client comes back. */

export const CloseCode = {
  goingAway: 1001,
  unsupported: 1003,
  noAnswer: 1006,
  policy: 1008,
  tooBig: 1009,
  restart: 1012,
  replaced: 4000,
  silent: 4001,
  tooSlow: 4008,
  tooManyFrames: 4029,
  tokenGone: 4401,
  serverFault: 4500,
  textOnly: 4501,
} as const;

/** Standard codes after which the same client would only fail again. */
const FINAL_STANDARD_CODES: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009, 1010]);

/** 4000 to 4499 come back, 4500 to 4999 do not; of the standard codes all but protocol faults come back. */
export function mayReconnect(code: number): boolean {
  if (code >= 4000) return code < 4500;
  return !FINAL_STANDARD_CODES.has(code);
}
