/** Joins the parts by which a node of a cluster gives out, and takes, the output that other nodes keep. */
import type { Clock } from "../shared/clock.js";
import type { Nodes, Peers } from "./cluster/cluster.js";
import type { Elsewhere, Here } from "./egress/elsewhere.js";
import { FarFollows } from "./egress/far/farFollows.js";
import { FarOutput } from "./ingress/rest/farOutput.js";
import { OutputHomes } from "./output/homes.js";
import type { OutputStore } from "./output/outputStore.js";
import { ClusterOutput } from "./state/clusterOutput.js";
import type { Commits } from "./state/commits.js";
import type { OutputPort } from "./state/outputPort.js";
import type { Store } from "./state/store/store.js";

export interface FarOutputsParts {
  readonly nodes: Nodes;
  readonly peers: Peers;
  readonly outputs: OutputStore;
  readonly store: Store;
  readonly commits: Commits;
  readonly clock: Clock;
  readonly graceMs: number;
}

export interface FarOutputs {
  readonly homes: OutputHomes;
  /** For the authority. */
  readonly port: OutputPort;
  /** For the REST door. */
  readonly calls: FarOutput;
  /** For the sockets. */
  readonly follows: (here: Here) => Elsewhere;
}

export function farOutputsOf(parts: FarOutputsParts): FarOutputs {
  const { nodes, peers, outputs, store, clock } = parts;
  const homes = new OutputHomes(nodes, outputs);
  const pause = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
  return {
    homes,
    port: new ClusterOutput({ here: outputs, homes, peers, store, clock }),
    calls: new FarOutput({ homes, peers, pause }),
    follows: (here) => new FarFollows({ ...parts, homes, here }),
  };
}
