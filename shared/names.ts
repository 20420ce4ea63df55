/** The names both sides agree on: the socket's door, its subprotocol, and the subjects that are not a workflow's id. */

export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = "instep.v1";
/** Beside the subprotocol, a browser's way to carry a token: browsers cannot set headers on an upgrade. */
export const TOKEN_SUBPROTOCOL = "instep.bearer.";
export const LIVE_PATH = "/workflow/live";

/** The names that are not a workflow's: whichever is current, and the list of all. */
export const CURRENT = "current";
export const LIST = "*";
