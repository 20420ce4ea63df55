/** The names of the store's keys, below the prefix. Each begins with its family. */
import { createHash } from "node:crypto";

/** Records in view and traces, by id. */
export const DOCUMENTS = "doc/";
/** The history, by epoch. */
export const PAST = "past/";
/** Leases of drivers from outside, by workflow. */
export const DRIVERS = "drv/";
/** Starts that named no workflow, by request id. */
export const REQUESTS = "req/";
/** Turns that servers have asked for, of what several of them change at once. */
export const ASKS = "ask/";
/** The highest number that a start was given. */
export const ORDER = "order";

/** With the first byte of a hash before it, so that a server can one day watch a part of them. */
export const documentKey = (workflow_id: string): string =>
  `${DOCUMENTS}${shardOf(workflow_id)}/${workflow_id}`;
export const pastKey = (epoch: string): string => `${PAST}${shardOf(epoch)}/${epoch}`;
export const driverKey = (workflow_id: string): string => DRIVERS + workflow_id;
/** A request id is anybody's text: its hash is not. */
export const requestKey = (requestId: string): string => REQUESTS + sha256(requestId).slice(0, 32);
export const groupKey = (group: string): string => `group/${sha256(group).slice(0, 32)}`;

export const askKey = (name: string, own: string): string => `${ASKS}${askedName(name)}/${own}`;
/** The part of an ask's key that says what is asked for. */
export const askedName = (name: string): string => sha256(name).slice(0, 32);

const shardOf = (name: string): string => sha256(name).slice(0, 2);
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
