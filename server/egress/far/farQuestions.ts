/** The questions to other nodes, each under a name of its own: one link to each node, for as long as somebody asks it something. */
import type { Clock } from "../../../shared/clock.js";
import type { NodeChange, Nodes, Peers } from "../../cluster/cluster.js";
import type { OutputHomes } from "../../output/homes.js";
import type { FarFollow } from "./farFollow.js";
import type { FarFrame } from "./farFrames.js";
import { PeerLink } from "./peerLink.js";

/** A server's place in its cluster, as far as it follows output. */
export interface FarParts {
  readonly homes: OutputHomes;
  readonly nodes: Pick<Nodes, "listen">;
  readonly peers: Pick<Peers, "open">;
  readonly clock: Clock;
}

export interface FarQuestionsParts extends FarParts {
  /** How late a sign of life may be. */
  readonly graceMs: number;
  /** Part of an answer. */
  readonly answered: (follow: FarFollow, frame: FarFrame) => void;
  /** The question was lost, and is to be asked anew: at once, or in a while. */
  readonly lost: (follow: FarFollow, when: "now" | "later") => void;
  /** The node is away since then (RFC 3339); null: it is there again. */
  readonly away: (follow: FarFollow, node: string, since: string | null) => void;
}

interface Link {
  readonly link: PeerLink;
  readonly asked: Map<string, FarFollow>;
  cancelClosing: () => void;
}

/** How long a link stays for nobody: a follower that has no room asks again in a moment. */
const LINGER_MS = 10_000;

export class FarQuestions {
  readonly #parts: FarQuestionsParts;
  readonly #links = new Map<string, Link>();
  readonly #stopListening: () => void;
  #lastName = 0;

  constructor(parts: FarQuestionsParts) {
    this.#parts = parts;
    this.#stopListening = parts.nodes.listen((change) => this.#seeNode(change));
  }

  ask(follow: FarFollow, node: string): void {
    const { homes, clock, away } = this.#parts;
    const name = (++this.#lastName).toString(36);
    const question = follow.ask(name, node);
    const to = this.#linkTo(node);
    to.cancelClosing();
    to.asked.set(name, follow);
    if (to.link.send(question)) return away(follow, node, null);
    const now = () => new Date(clock.now()).toISOString();
    const since = homes.isThere(node) ? to.link.awaySince : (homes.awaySince(node) ?? now());
    if (since !== null) away(follow, node, since);
  }

  /** No answer is wanted any more. */
  takeBack(follow: FarFollow): void {
    const { asked, step } = follow;
    if (!asked) return;
    follow.asked = null;
    const to = this.#links.get(asked.node);
    if (!to?.asked.delete(asked.name)) return;
    const { workflow_id } = follow.owner;
    to.link.send({ type: "unfollow_log", workflow_id, step, follower: asked.name });
    if (to.asked.size > 0) return;
    to.cancelClosing = this.#parts.clock.after(LINGER_MS, () => {
      this.#links.delete(asked.node);
      to.link.close();
    });
  }

  close(): void {
    this.#stopListening();
    for (const { link, cancelClosing } of this.#links.values()) {
      cancelClosing();
      link.close();
    }
    this.#links.clear();
  }

  #seeNode({ kind, node: { name } }: NodeChange): void {
    const to = this.#links.get(name);
    if (!to) return;
    to.link.tryAnew();
    if (kind === "left") this.#away(name, new Date(this.#parts.clock.now()).toISOString());
  }

  #received(node: string, frame: FarFrame): void {
    const asked = this.#links.get(node)?.asked;
    if (frame.type === "refused") {
      for (const follow of [...(asked?.values() ?? [])]) {
        this.takeBack(follow);
        this.#parts.lost(follow, "later");
      }
    } else if (frame.type === "log" || frame.type === "log_end") {
      const follow = asked?.get(frame.follower);
      if (follow) this.#parts.answered(follow, frame);
    }
  }

  #up(node: string): void {
    const asked = this.#links.get(node)?.asked;
    const follows = [...(asked?.values() ?? [])];
    asked?.clear();
    for (const follow of follows) {
      follow.asked = null;
      this.#parts.lost(follow, "now");
    }
  }

  #away(node: string, since: string): void {
    const known = this.#parts.homes.awaySince(node) ?? since;
    for (const follow of this.#links.get(node)?.asked.values() ?? [])
      this.#parts.away(follow, node, known);
  }

  #linkTo(node: string): Link {
    let to = this.#links.get(node);
    if (!to) {
      const { peers, clock, graceMs } = this.#parts;
      const link = new PeerLink({
        ...{ node, peers, clock, graceMs },
        up: () => this.#up(node),
        away: (since) => this.#away(node, since),
        received: (frame) => this.#received(node, frame),
      });
      to = { link, asked: new Map(), cancelClosing: () => {} };
      this.#links.set(node, to);
    }
    return to;
  }
}
