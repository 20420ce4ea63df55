/** Writes out a document: aliases become the nodes they name, merges are done, and keys that are only there to be shared are gone. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type YAMLMap,
} from "yaml";
import { isMergeKey, mergeInto } from "./merging.js";
import { MOST_LEVELS, MOST_TOKENS, repeatedKeysOf, type YamlProblem } from "./yamlText.js";

/** How large a map or a list is, with its aliases written out. */
interface Extent {
  readonly nodes: number;
  readonly levels: number;
}

const ONE: Extent = { nodes: 1, levels: 0 };

/** A key that begins so is its author's, in every map. */
const OWN_KEY = /^x-/;

/**
 * Changes the document: it has no alias, no `<<` and no `x-…` any more, and a node may stand in several places. Written out, it is no larger
 * than a text may be. Where there are problems, it is half done.
 */
export function joinReferences(document: Document): readonly YamlProblem[] {
  const joining = new Joining();
  document.contents = joining.stand(document.contents) as Document["contents"];
  return joining.problems;
}

class Joining {
  readonly problems: YamlProblem[] = [];
  readonly #named = new Map<string, Node>();
  readonly #open = new Set<unknown>();
  readonly #extents = new Map<unknown, Extent>();
  /** A node that holds a node that is too large is too large as well. */
  #isTooLarge = false;

  /** The node that counts in the place of this one. */
  stand(node: unknown): unknown {
    if (isAlias(node)) return this.#namedBy(node.source, offsetOf(node));
    if (isNode(node) && "anchor" in node && node.anchor) this.#named.set(node.anchor, node);
    if (isMap(node)) this.#join(node, () => this.#joinMap(node));
    else if (isSeq(node)) {
      this.#join(node, () => {
        node.items = node.items.map((item) => this.stand(item));
      });
    }
    return node;
  }

  #namedBy(name: string, offset: number): Node | null {
    const found = this.#named.get(name);
    if (found && !this.#open.has(found)) return found;
    const message = found ? `*${name} stands in what it names` : `there is no &${name} before this`;
    this.problems.push({ offset, message });
    return null;
  }

  #joinMap(map: YAMLMap): void {
    const hasAliasedKey = map.items.some(({ key }) => isAlias(key));
    for (const pair of map.items) {
      pair.key = this.stand(pair.key);
      pair.value = this.stand(pair.value);
    }
    if (hasAliasedKey) this.problems.push(...repeatedKeysOf(map));
    if (map.items.some(isMergeKey)) this.problems.push(...mergeInto(map));
    map.items = map.items.filter(({ key }) => !isOwnKey(key));
  }

  #join(node: YAMLMap | { readonly items: unknown[] }, join: () => void): void {
    if (this.#isTooLarge) return;
    this.#open.add(node);
    join();
    this.#open.delete(node);
    const { nodes, levels } = this.#measure(node);
    if (this.#isTooLarge || (nodes <= MOST_TOKENS && levels <= MOST_LEVELS)) return;
    this.#isTooLarge = true;
    const message =
      nodes > MOST_TOKENS
        ? `becomes more than ${MOST_TOKENS} words where its aliases are written out`
        : `is nested deeper than ${MOST_LEVELS} where its aliases are written out`;
    this.problems.push({ offset: offsetOf(node), message });
  }

  #measure(node: { readonly items: readonly unknown[] }): Extent {
    const inside = isMap(node) ? node.items.flatMap(({ key, value }) => [key, value]) : node.items;
    let [nodes, levels] = [1, 0];
    for (const one of inside) {
      const extent = this.#extents.get(one) ?? ONE;
      nodes += extent.nodes;
      levels = Math.max(levels, extent.levels);
    }
    const extent = { nodes, levels: levels + 1 };
    this.#extents.set(node, extent);
    return extent;
  }
}

const isOwnKey = (key: unknown): boolean =>
  isScalar(key) && typeof key.value === "string" && OWN_KEY.test(key.value);

const offsetOf = (node: unknown): number =>
  (node as { readonly range?: readonly number[] } | null)?.range?.[0] ?? 0;
