/** A frame of the socket as a server-sent event: the same JSON, with its type as the event's name and its position as the event's id. */
import type { Position } from "../../../shared/schema/position.js";
import type { Frame } from "../../egress/frames.js";
import { textOf } from "../../egress/textFrame.js";

export interface EventFrame {
  readonly type: string;
  readonly bytes: Buffer;
}

/** A frame is one buffer for everybody, and so is its event. */
const made = new WeakMap<Frame, EventFrame>();

/** Only of frames that this server encoded: their keys stand in a known order, the position before the state or the patch. */
export function eventOf(frame: Frame): EventFrame {
  const known = made.get(frame);
  if (known) return known;
  const text = textOf(frame);
  const [, type = ""] = /^\{"type":"(\w+)"/.exec(text) ?? [];
  const id = CARRIES_A_POSITION.exec(text);
  const head = id ? `id: ${id[1]}.${id[2]}\n` : "";
  // JSON has no line breaks outside of strings, and writes those inside as escapes: one line of data is all of it.
  const event = { type, bytes: Buffer.from(`${head}event: ${type}\ndata: ${text}\n\n`) };
  made.set(frame, event);
  return event;
}

const CARRIES_A_POSITION =
  /^\{"type":"(?:snapshot|changed|resumed)","workflow_id":"[^"]{1,128}","epoch":"([^"\\]{1,64})",(?:"base":\d+,)?"revision":(\d+)[,}]/;

/** The position that an event's id names; null for an id that is none of ours: then the answer is a snapshot, which is never wrong. */
export function positionIn(id: string | undefined): Position | null {
  const [, epoch, revision] = /^(.{1,64})\.(\d{1,15})$/.exec(id ?? "") ?? [];
  return epoch === undefined ? null : { epoch, revision: Number(revision) };
}

/** A line that every reader skips: a sign of life. */
export const HEARTBEAT = Buffer.from(": heartbeat\n\n");
