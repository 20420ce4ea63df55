/** The ports to a cluster of Instep servers that share one store: who is there, and how fresh this server's view is. A server alone has none. */

/** A server as the others see it. */
export interface NodeView {
  /** Unique in the cluster, given by the operator: people read it. */
  readonly name: string;
  /** Where the other servers reach it: `http://10.0.0.2:4747`, with the path it is mounted at. */
  readonly url: string;
  /** Of its process. */
  readonly boot_id: string;
  /** Of its data folder: a node that comes back with the same one finds its commands there. */
  readonly store_id: string;
  /** The words by which a definition asks for it: `node: [gpu]`. Its own name is one of them. */
  readonly labels: readonly string[];
  /** How many workflows its runner runs at once. */
  readonly max_concurrent: number;
  /** RFC 3339. */
  readonly since: string;
}

export type NodeChange =
  | { readonly kind: "came"; readonly node: NodeView }
  /** Its lease has ended, or it has said goodbye. */
  | { readonly kind: "left"; readonly node: NodeView };

export interface Nodes {
  /** This server's own name. */
  readonly me: string;
  /** By name, this one among them. */
  readonly present: ReadonlyMap<string, NodeView>;
  /** Since when a node is not there, RFC 3339; null for one that is there, and for one of which nothing is known. */
  awaySince(name: string): string | null;
  /** Called in the turn in which this server learns of it. The returned function ends it. */
  listen(listener: (change: NodeChange) => void): () => void;
  /**
   * Whether this server's own lease surely holds: the others do not take it for lost. Elapsed time decides, so that a server that was stopped knows it
   * before it has asked.
   */
  readonly isSure: boolean;
  /** For processes of this machine that have to end with it; null before this server is in the cluster, and where the machine has no clock that it shares. */
  readonly stay: Stay | null;
}

/** An uninterrupted time in which the others see a node as there, whichever process of its data folder that is. */
export interface Stay {
  /** Raised with each time that this server was taken for gone, as far as it knows. */
  readonly count: number;
  /** The first one of this process is that of the process before it: nobody saw the node gone between the two. */
  readonly isContinued: boolean;
  /** Until then it surely lasts, in seconds that the machine has been up. */
  readonly until: number;
}

/** How fresh the view of the shared store is. */
export interface Freshness {
  /** RFC 3339: what is shown is as of then. Null while it follows. */
  readonly staleSince: string | null;
  /** Called with every new `staleSince`. The returned function ends it. */
  listen(listener: (staleSince: string | null) => void): () => void;
}

/** A server of a cluster. */
export interface Cluster {
  readonly nodes: Nodes;
  readonly freshness: Freshness;
  readonly peers: Peers;
}

export interface PeerRequest {
  readonly method: "GET" | "HEAD" | "POST";
  /** Below the peer's url: `/workflow/state/steps/0/log?...`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface PeerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bounded by what was asked for; ends with an error where the link breaks. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** The way to other nodes, authenticated by a secret that all of them share. */
export interface Peers {
  /** Rejects with PeerAway where the node is not there or does not answer in time. */
  call(node: string, request: PeerRequest): Promise<PeerAnswer>;
  /** Opens a socket to the node's own door, let in as a node; as `call`. */
  open(node: string, handlers: PeerSocketHandlers): PeerSocket;
}

export interface PeerSocketHandlers {
  opened(): void;
  message(text: string): void;
  /** Exactly once, also where it never opened. */
  closed(): void;
}

export interface PeerSocket {
  send(text: string): void;
  /** How many bytes wait. */
  readonly buffered: number;
  /** Stops and goes on with what comes. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** The node is away, or did not answer in time. */
export class PeerAway extends Error {
  override readonly name = "PeerAway";
  readonly node: string;
  /** RFC 3339; null where nobody knows. */
  readonly since: string | null;

  constructor(node: string, since: string | null) {
    super(`node ${node} is away${since === null ? "" : ` since ${since}`}`);
    this.node = node;
    this.since = since;
  }
}
