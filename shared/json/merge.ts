/** A patch told in fewer words: the members that objects get, by the pointer of each object. What it cannot say stays RFC 6902. */
import { escapeToken, isForbiddenKey, type PatchOperation, unescapeToken } from "./patch.js";

/** By JSON pointer (`""` is the document): the members that the object there gets, new or in place of those it has. */
export type Merge = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** First the operations, then the members. */
export interface Merging {
  readonly patch?: readonly PatchOperation[] | undefined;
  readonly merge?: Merge | undefined;
}

/**
 * The same change as a patch of `diff`, which never speaks below a value that it tells, and of the places in a list only after it told what comes
 * and goes there: so all that gives an object a member may as well come last.
 */
export function mergingOf(patch: readonly PatchOperation[]): Merging {
  const rest: PatchOperation[] = [];
  const merge: Record<string, Record<string, unknown>> = {};
  const lists = new Set(patch.filter(isAtEnd).map(({ path }) => path.slice(0, -END.length)));
  for (const operation of patch) {
    const cut = operation.path.lastIndexOf("/");
    const pointer = operation.path.slice(0, cut);
    const key = unescapeToken(operation.path.slice(cut + 1));
    if (cut === -1 || operation.op === "remove" || lists.has(pointer) || !isMember(key)) {
      rest.push(operation);
      continue;
    }
    const members = merge[pointer] ?? {};
    members[key] = operation.value;
    merge[pointer] = members;
  }
  const isMerged = rest.length < patch.length;
  return {
    ...(rest.length > 0 || !isMerged ? { patch: rest } : {}),
    ...(isMerged ? { merge } : {}),
  };
}

/** The patch that does the same. */
export function patchOf({ patch = [], merge = {} }: Merging): readonly PatchOperation[] {
  const members = Object.entries(merge).flatMap(([pointer, values]) =>
    Object.entries(values).map(([key, value]): PatchOperation => {
      return { op: "add", path: `${pointer}/${escapeToken(key)}`, value };
    }),
  );
  return [...patch, ...members];
}

/** The place behind the last one of a list. It may be a name as well: then what its object gets keeps its order only if it stays together. */
const END = "/-";

const isAtEnd = ({ op, path }: PatchOperation): boolean => op === "add" && path.endsWith(END);

/** Digits that may be a place in a list, where `add` moves the others; more of them no list has. */
const MAY_BE_A_PLACE = /^(?:0|[1-9]\d{0,8})$/;

/** Whether a name can only be that of an object's member. */
const isMember = (key: string): boolean => !MAY_BE_A_PLACE.test(key) && !isForbiddenKey(key);
