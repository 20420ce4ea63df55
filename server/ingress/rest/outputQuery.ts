/** The query of the calls for a step's output, checked. */
import type { Request } from "express";
import * as z from "zod";
import { parseWith } from "../json/strictJson.js";
import { queryOf, WholeNumber } from "../request/query.js";

const Attempt = WholeNumber.refine((attempt) => attempt > 0, "must be at least 1");
const Flag = z.enum(["0", "1"]);
const Which = { epoch: z.string().min(1).max(128).optional(), attempt: Attempt.optional() };

const AppendQuery = z.object({ attempt: Attempt.optional(), at: WholeNumber.optional() });
const ReadQuery = z
  .object({
    ...Which,
    from: WholeNumber.optional(),
    tail: WholeNumber.optional(),
    to: WholeNumber.optional(),
    follow: Flag.optional(),
    timestamps: Flag.optional(),
  })
  .refine(({ from, tail }) => from === undefined || tail === undefined, {
    path: ["tail"],
    message: "cannot stand beside from",
  })
  .refine(
    (read) => read.to === undefined || (read.tail ?? read.follow ?? read.timestamps) === undefined,
    {
      path: ["to"],
      message: "cannot stand beside tail, follow or timestamps",
    },
  )
  .refine(({ from = 0, to }) => to === undefined || to > from, {
    path: ["to"],
    message: "must be behind from",
  });
const TimesQuery = z.object({
  ...Which,
  from: WholeNumber.optional(),
  to: WholeNumber.optional(),
});

/** One attempt of a step, in the workflow of an epoch: where nothing is said, the newest attempt of the workflow that is there now. */
export interface AskedAttempt {
  readonly epoch?: string | undefined;
  readonly attempt?: number | undefined;
}

export type AppendQuery = z.infer<typeof AppendQuery>;
export type ReadQuery = z.infer<typeof ReadQuery>;
export type TimesQuery = z.infer<typeof TimesQuery>;

type Asking = Pick<Request, "url">;

/** The attempt and the offset that an append names. Throws SyncError `bad_message`. */
export const appendQueryOf = (request: Asking): AppendQuery =>
  parseWith(AppendQuery, queryOf(request));

/** The bytes that a read wants, and how. Throws SyncError `bad_message`, also for parameters that exclude each other. */
export const readQueryOf = (request: Asking): ReadQuery => parseWith(ReadQuery, queryOf(request));

/** The attempt and the bytes whose times are asked for. Throws SyncError `bad_message`. */
export const timesQueryOf = (request: Asking): TimesQuery =>
  parseWith(TimesQuery, queryOf(request));
