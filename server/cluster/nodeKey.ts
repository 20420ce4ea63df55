/** The value of a node's key: the node as the others see it, with a counter that grows while it lives. */
import { z } from "zod";
import { readJsonValue } from "../etcd/jsonValue.js";
import type { NodeView } from "./cluster.js";
import { isNodeName } from "./nodeName.js";

const NodeKey = z.object({
  name: z.string().refine(isNodeName),
  url: z.string().max(2_000),
  boot_id: z.string().max(200),
  store_id: z.string().max(200),
  labels: z.array(z.string()).max(100),
  max_concurrent: z.int().nonnegative(),
  since: z.string().max(40),
  seq: z.int().nonnegative(),
});

/** As its key has it. */
export function nodeKeyOf(view: NodeView, seq: number): Buffer {
  return Buffer.from(JSON.stringify({ ...view, seq }));
}

/** Null for what is none: what another version wrote, or a hand. */
export function readNodeKey(value: Buffer): NodeView | null {
  const key = readJsonValue(NodeKey, value);
  if (key === null) return null;
  const { seq: _, ...view } = key;
  return view;
}

const Away = z.object({ since: z.string().max(40) });

/** As the key of a node that left has it. */
export const awayKeyOf = (since: string): Buffer => Buffer.from(JSON.stringify({ since }));

/** Since when it is away; null for what is no such key. */
export function readAwayKey(value: Buffer): string | null {
  return readJsonValue(Away, value)?.since ?? null;
}
