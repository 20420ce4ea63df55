/** Everything whose key begins so, read in pages that are as long as memory likes them, all as of one revision. */
import type { Page } from "./answers.js";
import { EtcdRefused, type KeyValue, type Listing } from "./etcd.js";
import { AnswerTooLong } from "./noAnswer.js";

/** Reads from that key on as of that revision (0: the newest), at most so many keys. */
export type ReadPage = (from: string, revision: number, limit: number) => Promise<Page>;

/** Of the first page, of whose documents nothing is known: the largest there may be are 1.5 MB each. */
const FIRST_LIMIT = 32;
const MOST_LIMIT = 2_000;
/** A page is parsed in one go, and nothing else happens meanwhile. */
const PAGE_BYTES = 2 * 1024 * 1024;
/** A list that takes longer than etcd keeps old revisions is begun again, but not for ever. */
const MOST_BEGINNINGS = 3;

/** As of one revision. Rejects as the pages do. */
export async function listAll(prefix: string, read: ReadPage): Promise<Listing> {
  for (let beginning = 1; ; beginning += 1) {
    try {
      return await listOnce(prefix, read);
    } catch (error) {
      const isTooOld = error instanceof EtcdRefused && error.why === "compacted";
      if (!isTooOld || beginning === MOST_BEGINNINGS) throw error;
    }
  }
}

async function listOnce(prefix: string, read: ReadPage): Promise<Listing> {
  const keys: KeyValue[] = [];
  let [from, revision, limit] = [prefix, 0, FIRST_LIMIT];
  for (;;) {
    const page = await readShorter(from, revision, limit, read);
    keys.push(...page.keys);
    if (revision === 0) revision = page.revision;
    const last = page.keys.at(-1);
    if (!page.more || last === undefined) return { keys, revision };
    from = `${last.key}\0`;
    limit = fitting(page.keys);
  }
}

/** A page whose answer is longer than is taken is asked for again with fewer keys. */
async function readShorter(
  from: string,
  revision: number,
  limit: number,
  read: ReadPage,
): Promise<Page> {
  for (let keys = limit; ; keys = Math.ceil(keys / 8)) {
    try {
      return await read(from, revision, keys);
    } catch (error) {
      if (!(error instanceof AnswerTooLong) || keys === 1) throw error;
    }
  }
}

function fitting(keys: readonly KeyValue[]): number {
  const bytes = keys.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  const average = Math.max(1, bytes / keys.length);
  return Math.min(MOST_LIMIT, Math.max(1, Math.floor(PAGE_BYTES / average)));
}
