/** Joins the parts by which a node of a cluster gives out, and takes, the output that other nodes keep. */
import { resolve } from "node:path";
import type { Clock } from "../shared/clock.js";
import type { Nodes, Peers } from "./cluster/cluster.js";
import type { Elsewhere, Here } from "./egress/elsewhere.js";
import { FarFollows } from "./egress/far/farFollows.js";
import { FarOutput } from "./ingress/rest/farOutput.js";
import type { ThrottledLog } from "./log/throttledLog.js";
import { errorCode } from "./machine/systemErrors.js";
import { OutputHomes } from "./output/homes.js";
import type { OutputStore } from "./output/outputStore.js";
import { SharedOutputs } from "./output/shared/sharedOutputs.js";
import { ClusterOutput } from "./state/clusterOutput.js";
import type { Commits } from "./state/commits.js";
import type { OutputPort } from "./state/outputPort.js";
import type { Store } from "./state/store/store.js";

export interface FarOutputsParts {
  readonly nodes: Nodes;
  readonly peers: Peers;
  readonly outputs: OutputStore;
  /** The folder that all nodes keep their output in; null where each has its own. */
  readonly outputDir: string | null;
  readonly lines: ThrottledLog;
  readonly store: Store;
  readonly commits: Commits;
  readonly clock: Clock;
  readonly graceMs: number;
  /** Of output that is told to sockets. */
  readonly frameBytes: number;
}

export interface FarOutputs {
  readonly homes: OutputHomes;
  /** For the authority. */
  readonly port: OutputPort;
  /** For the REST door. */
  readonly calls: FarOutput;
  /** For the sockets. */
  readonly follows: (here: Here) => Elsewhere;
  /** Resolves when nothing is read from the folder of the others any more. */
  readonly close: () => Promise<void>;
}

export function farOutputsOf(parts: FarOutputsParts): FarOutputs {
  const { nodes, peers, outputs, store, clock } = parts;
  const shared = sharedIn(parts);
  const homes = new OutputHomes(nodes, outputs);
  const pause = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
  return {
    homes,
    port: new ClusterOutput({ here: outputs, homes, peers, store, clock }),
    calls: new FarOutput({ homes, peers, shared, pause }),
    follows: (here) =>
      new FarFollows({
        ...parts,
        homes,
        here,
        shared,
        onSharedFailure: sharedFailure(parts.lines),
      }),
    close: async () => shared?.close(),
  };
}

const sharedFailure = (lines: ThrottledLog) => (error: unknown, node: string) =>
  lines.error(
    `shared output ${errorCode(error)}`,
    { err: error, node },
    "output of a node that is away could not be read from the shared folder",
  );

function sharedIn({ outputDir, lines }: FarOutputsParts): SharedOutputs | null {
  if (outputDir === null) return null;
  return new SharedOutputs({
    folder: resolve(outputDir),
    onTimesFailure: (error, folder) =>
      lines.error(
        `times of shared output ${errorCode(error)}`,
        { err: error, folder },
        "when output of another node came could not be read",
      ),
  });
}
