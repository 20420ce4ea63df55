/** The words that the schemas of answers and of frames are made of. What they describe is told; it is never checked with them on its way out. */
import * as z from "zod";
import { ERROR_CODES } from "../../shared/errors.js";
import { WORKFLOW_STATUSES } from "../../shared/statuses.js";

/** The mark of a list of words to which section 11 of PROTOCOL.md lets others come. */
export const GROWS = "x-known-values";

/** One of these, and in a later release perhaps another: the published document names them and takes any text. */
export const growing = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words).meta({ [GROWS]: words });

/** A number from 0. */
export const Count = z.int().nonnegative();
/** Any text. */
export const Text = z.string();
/** A text, or null where there is none. */
export const MaybeText = z.string().nullable();
/** RFC 3339 UTC. */
export const Time = z.iso.datetime();
/** The same, or null. */
export const MaybeTime = Time.nullable();
/** Of a workflow. */
export const Status = z.enum(WORKFLOW_STATUSES);
/** Of a refusal. */
export const Code = growing(ERROR_CODES);

/** Entries of `times`: from that offset on, when the bytes came (ms since the epoch; null where nobody knows). */
export const LogTimes = z.array(z.tuple([Count, z.number().nullable()]));

/** A field that was wrong, by its path in what was sent. */
export const FieldError = z.object({ path: Text, message: Text });

/** A workflow whose record cannot be read. */
export const Damaged = z.object({
  workflow_id: Text,
  file: Text,
  why: Text,
  at: Time,
  in_history: z.boolean(),
  backup: z.object({ saved_at: Time, status: Status }).nullable(),
});

/** The seed's eight fields. */
const progress = {
  active: z.boolean(),
  workflow_id: MaybeText,
  status: Status.nullable(),
  current_step: Count,
  total_steps: Count,
  progress_percent: z.number().min(0).max(100),
  start_time: MaybeText,
  last_update: MaybeText,
};

/** The progress in one line. */
export const Progress = z.object({ ...progress, link_lost: MaybeText.optional() });

/** A workflow in one line of the list. */
export const Summary = z.object({
  ...progress,
  workflow_id: Text,
  status: Status,
  start_time: Text,
  last_update: Text,
  epoch: Text,
  name: MaybeText,
  title: MaybeText,
  end_time: MaybeText,
  step: MaybeText,
  error_message: MaybeText,
  driver: MaybeText,
  done: z.number().min(0).max(1),
  queued: z.boolean(),
  last_seen: MaybeText,
  link_lost: MaybeText,
  in_history: z.boolean(),
  definition: MaybeText,
  by: MaybeText,
  inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  retried_from: MaybeText,
  usual_ms: z.number().nullable(),
  node: Text.optional(),
  why_queued: Text.optional(),
});
