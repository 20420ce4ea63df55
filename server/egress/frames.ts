/** Frames as bytes, each made once however many sockets get it. */

import { mergingOf } from "../../shared/json/merge.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import type { Changed, MergedChange, ServerMessage } from "../../shared/wire/serverMessages.js";
import { textFrame, textOf } from "./textFrame.js";
import { boundView, watcherView } from "./watcherView.js";

/** A message as it goes over the wire, with its WebSocket header: framed once, sent to many sockets. */
export type Frame = Buffer;

/**
 * The views of a state: connections that may drive see secrets, those that only watch do not; and those that are bound to some workflows
 * do not see the names of others in it.
 */
export const AUDIENCES = ["watch", "drive", "bound watch", "bound drive"] as const;
export type Audience = (typeof AUDIENCES)[number];

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

const views = new WeakMap<WorkflowState, Partial<Record<Audience, WorkflowState>>>();

/** Made once for each revision; the state itself where nothing of it is hidden. */
export function viewFor(audience: Audience, state: WorkflowState): WorkflowState {
  if (audience === "drive") return state;
  const known = views.get(state) ?? {};
  views.set(state, known);
  known[audience] ??= viewOf(audience, state);
  return known[audience];
}

function viewOf(audience: Exclude<Audience, "drive">, state: WorkflowState): WorkflowState {
  switch (audience) {
    case "watch":
      return watcherView(state);
    case "bound watch":
      return boundView(viewFor("watch", state));
    case "bound drive":
      return boundView(state);
  }
}

/** By view: those that are the same are one object. */
const texts = new WeakMap<WorkflowState, string>();

/** The state as JSON, serialized once for each revision and view, for every door. */
export function stateText(audience: Audience, state: WorkflowState): string {
  const view = viewFor(audience, state);
  const text = texts.get(view) ?? JSON.stringify(view);
  texts.set(view, text);
  return text;
}

/** All audiences to which these states look as they do to this one, itself among them. */
export const seenAlike = (audience: Audience, states: readonly WorkflowState[]): Audience[] =>
  AUDIENCES.filter((one) =>
    states.every((state) => viewFor(one, state) === viewFor(audience, state)),
  );

/** Around a state that is already text. */
export function encodeSnapshot(id: string, epoch: string, revision: number, state: string): Frame {
  const head = JSON.stringify({ type: "snapshot", workflow_id: id, epoch, revision });
  return textFrame(`${head.slice(0, -1)},"state":${state}}`);
}
