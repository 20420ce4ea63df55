/** The query of `GET /workflows`, checked, and its cursors. */
import * as z from "zod";
import { invalid } from "../../../shared/errors.js";
import {
  type ListFilter,
  type ListOrder,
  type ListPlace,
  orderOf,
  orderText,
  SORTS,
  wordsOf,
} from "../../../shared/state/listQuery.js";
import { WORKFLOW_STATUSES } from "../../../shared/statuses.js";
import { orMeant } from "../../../shared/text/nearest.js";
import { utcTime } from "../../../shared/text/time.js";
import { parseWith } from "../json/strictJson.js";

export interface ListQuery {
  readonly filter: ListFilter;
  /** Null: in the order of the starts in this data folder, the newest first. */
  readonly order: ListOrder | null;
  readonly limit: number;
  /** Where the page before ended; null for the first. */
  readonly after: ListPlace | null;
  /** When the first page was asked for, in ms: what still goes on has its place by that. */
  readonly at: number;
  /** How many there are in each status is asked for as well. */
  readonly counts: boolean;
}

const MOST_WORDS = 10;
const noStatus = (text: string): string =>
  `must be one of ${WORKFLOW_STATUSES.join(", ")}${orMeant(text, WORKFLOW_STATUSES)}`;
const HAS_ZONE = /(Z|[+-]\d\d:?\d\d)$/i;
const Time = z
  .string()
  .refine((text) => HAS_ZONE.test(text) && utcTime(text) !== null, {
    error: 'must be a date with a time and a zone, such as "2026-11-25T21:07:50Z"',
  })
  .transform((text) => Date.parse(utcTime(text) ?? ""))
  .optional();

const Query = z.object({
  status: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(WORKFLOW_STATUSES, { error: ({ input }) => noStatus(String(input)) })))
    .optional(),
  q: z
    .string()
    .max(200)
    .refine((q) => wordsOf(q).length <= MOST_WORDS, {
      error: `must have at most ${MOST_WORDS} words`,
    })
    .optional(),
  definition: z.string().max(200).optional(),
  input: z
    .string()
    .max(300)
    .refine((input) => !input.startsWith("="), {
      error: "must be the name of an input, or name=value",
    })
    .optional(),
  from: Time,
  to: Time,
  sort: z
    .string()
    .refine((text) => orderOf(text) !== null, {
      error: `must be one of ${SORTS.join(", ")}, with a - before it for the other way round`,
    })
    .transform(orderOf)
    .optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  before: z.coerce.number().int().nonnegative().optional(),
  cursor: z.string().max(4_000).optional(),
  counts: z.enum(["0", "1"]).optional(),
});

const Cursor = z.tuple([
  z.string(),
  z.number(),
  z.union([z.string(), z.number()]),
  z.number(),
  z.string(),
]);

/** Throws SyncError `bad_message`, naming what it does not understand; what is empty asks for nothing. `now` is wall time. */
export function readListQuery(query: Readonly<Record<string, string>>, now: number): ListQuery {
  const asked = Object.fromEntries(Object.entries(query).filter(([, text]) => text !== ""));
  const { sort, limit, before, cursor, counts, ...filter } = parseWith(Query, asked);
  const order = sort ?? null;
  if (before !== undefined && (order !== null || cursor !== undefined))
    throw invalid("before", "stands beside neither sort nor cursor; give cursor alone");
  const last = cursor ?? before?.toString();
  const { at = now, after = null } = last === undefined ? {} : readCursor(last, order);
  return { filter, order, limit, after, at, counts: counts === "1" };
}

/** The `cursor` of the page that begins after this place. */
export function cursorAfter({ order, at }: ListQuery, { key, started, epoch }: ListPlace): string {
  if (order === null) return String(key);
  return Buffer.from(JSON.stringify([orderText(order), at, key, started, epoch])).toString(
    "base64url",
  );
}

function readCursor(
  text: string,
  order: ListOrder | null,
): Partial<Pick<ListQuery, "at" | "after">> {
  if (order === null) {
    if (!/^\d{1,15}$/.test(text)) throw invalid("cursor", NO_CURSOR);
    return { after: { key: Number(text), started: 0, epoch: "" } };
  }
  const cursor = Cursor.safeParse(jsonIn(text));
  if (!cursor.success) throw invalid("cursor", NO_CURSOR);
  const [sort, at, key, started, epoch] = cursor.data;
  const isOfOrder =
    sort === orderText(order) && (typeof key === "string") === (order.by === "name");
  if (!isOfOrder) throw invalid("cursor", NO_CURSOR);
  return { at, after: { key, started, epoch } };
}

const NO_CURSOR = "must be the `next` of a page in the same order";

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString()) as unknown;
  } catch {
    return null;
  }
}
