/** Frames as bytes, each made once however many sockets get it. */

import { mergingOf } from "../../shared/json/merge.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import type { Changed, MergedChange, ServerMessage } from "../../shared/wire/serverMessages.js";
import { textFrame, textOf } from "./textFrame.js";
import { watcherView } from "./watcherView.js";

/** A message as it goes over the wire, with its WebSocket header: framed once, sent to many sockets. */
export type Frame = Buffer;

/** The two views of a state: connections that may drive see secrets, those that only watch do not. */
export type Audience = "watch" | "drive";
export const AUDIENCES = ["watch", "drive"] as const;

/** How changes are told: as JSON Patch, or in fewer words to who asked for that. */
export type Form = "patch" | "merge";

/** All that decides which frame of a change a socket gets. */
export interface Reader {
  readonly audience: Audience;
  readonly form: Form;
}

/** The frame of a message. Throws where its text would be longer than a string may be. */
export const encodeFrame = (message: ServerMessage | MergedChange): Frame =>
  textFrame(JSON.stringify(message));

/** The same change in either form. */
export function encodeChange({ patch, ...change }: Changed, form: Form): Frame {
  return encodeFrame({ ...change, ...(form === "merge" ? mergingOf(patch) : { patch }) });
}

/** The same frame for one of several followers; as it is where it has no name. */
export function forFollower(frame: Frame, follower: string | undefined): Frame {
  if (follower === undefined) return frame;
  return textFrame(`{"follower":${JSON.stringify(follower)},${textOf(frame).slice(1)}`);
}

const masked = new WeakMap<WorkflowState, WorkflowState>();

/** Masked once for each revision. */
export function viewFor(audience: Audience, state: WorkflowState): WorkflowState {
  if (audience === "drive") return state;
  let view = masked.get(state);
  if (!view) {
    view = watcherView(state);
    masked.set(state, view);
  }
  return view;
}

const texts = new WeakMap<WorkflowState, Partial<Record<Audience, string>>>();

/** The state as JSON, serialized once for each revision and audience, for every door. */
export function stateText(audience: Audience, state: WorkflowState): string {
  let known = texts.get(state);
  if (!known) {
    known = {};
    texts.set(state, known);
  }
  known[audience] ??= JSON.stringify(viewFor(audience, state));
  return known[audience];
}

/** Around a state that is already text. */
export function encodeSnapshot(id: string, epoch: string, revision: number, state: string): Frame {
  const head = JSON.stringify({ type: "snapshot", workflow_id: id, epoch, revision });
  return textFrame(`${head.slice(0, -1)},"state":${state}}`);
}
