/** Who is there in a cluster, as a test says it. */
import type { NodeChange, Nodes, NodeView } from "../../../server/cluster/cluster.js";

/** A cluster whose nodes come and leave when they are told to. */
export class FakeNodes {
  readonly present = new Map<string, NodeView>();
  readonly #away = new Map<string, string>();
  readonly #unsure = new Set<string>();
  readonly #listeners = new Set<(change: NodeChange) => void>();

  come(name: string, view: Partial<NodeView> = {}): void {
    const node: NodeView = {
      name,
      ...{ url: `http://${name}`, boot_id: `boot of ${name}`, store_id: `store of ${name}` },
      ...{ labels: [name], max_concurrent: 10, since: "2026-01-01T00:00:00Z" },
      ...view,
    };
    this.present.set(name, node);
    this.#away.delete(name);
    this.#unsure.delete(name);
    this.#tell({ kind: "came", node });
  }

  leave(name: string, since = "2026-01-01T00:00:10Z"): void {
    const node = this.present.get(name);
    if (!node) return;
    this.present.delete(name);
    this.#away.set(name, since);
    this.#tell({ kind: "left", node });
  }

  /** Its lease may have ended: it knows that itself, and the others do not yet. */
  doubt(name: string): void {
    this.#unsure.add(name);
  }

  /** The cluster as the node of this name sees it. */
  as(me: string): Nodes {
    const all = this;
    return {
      me,
      present: this.present,
      awaySince: (name) => this.#away.get(name) ?? null,
      listen: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      get isSure() {
        return all.present.has(me) && !all.#unsure.has(me);
      },
      stay: null,
    };
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  #tell(change: NodeChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}
