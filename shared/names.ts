/** The names both sides agree on: the socket's door, its subprotocol, and the subjects that are not a workflow's id. */

export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = "instep.v1";
/** Beside the subprotocol, a browser's way to carry a token: browsers cannot set headers on an upgrade. */
export const TOKEN_SUBPROTOCOL = "instep.bearer.";
/** Beside the subprotocol, how a client says that it reads changes in the form `merge`, too. */
export const MERGE_SUBPROTOCOL = "instep.merge";
export const LIVE_PATH = "/workflow/live";

/** The names that are not a workflow's: whichever is current, and the list of all. */
export const CURRENT = "current";
export const LIST = "*";

/** An id of a workflow: it goes into addresses and file names as it is. */
export const WORKFLOW_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
export const isWorkflowId = (text: string): boolean => WORKFLOW_ID.test(text);
