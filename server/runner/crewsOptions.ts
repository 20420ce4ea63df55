/** Everything that the server's own runner is made of, and made with. */
import type { Clock } from "../../shared/clock.js";
import type { Limits } from "../../shared/limits.js";
import type { Cluster } from "../cluster/cluster.js";
import type { Log } from "../log/log.js";
import type { Metrics } from "../metrics/metrics.js";
import type { OutputStore } from "../output/outputStore.js";
import type { Commits } from "../state/commits.js";
import type { WorkflowRecord } from "../state/store/record.js";
import type { Store } from "../state/store/store.js";
import type { Workflows } from "../state/workflows.js";
import type { Traces } from "../traces/traces.js";
import type { Definitions } from "./definition/source/definitions.js";
import type { CommandLost } from "./keeper/leftAtWork.js";
import type { Keepers } from "./kept/keepers.js";
import type { Leftovers } from "./kept/leftovers.js";
import type { RunStore } from "./kept/runData.js";
import type { ProcessTools } from "./process/processGroup.js";
import type { OutputFiles } from "./step/outputs/outputFiles.js";
import type { Environment } from "./variables/environment.js";

export interface CrewsOptions {
  readonly store: Store;
  readonly commits: Commits;
  readonly workflows: Workflows;
  readonly outputs: OutputStore;
  readonly definitions: Definitions;
  readonly runFiles: RunStore;
  readonly outputFiles: OutputFiles;
  readonly leftovers: Leftovers;
  readonly keepers: Keepers;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly maxConcurrent: number;
  /** The environment that every command finds. */
  readonly env: Environment;
  /** Where secrets are looked for that nobody gives. */
  readonly secretEnv: Environment;
  /** For what commands keep; exists. */
  readonly stateDir: string;
  readonly tools: ProcessTools;
  /** Names this process: the leases end with it. */
  readonly bootId: string;
  /** The others with whom this server shares its workflows; missing, or null, for a server alone. */
  readonly cluster?: Pick<Cluster, "nodes"> | null;
  readonly log: Log;
  /** Null, or missing, where nobody counts. */
  readonly metrics?: Pick<Metrics, "outputLost"> | null;
  /** Null, or missing, where nobody makes spans. */
  readonly traces?: Pick<Traces, "run"> | null;
}

/** A workflow that cannot go on as it is. */
export interface LostCommand {
  readonly workflow_id: string;
  readonly error: CommandLost;
  /** Whether the record is as this server runs it still: another node may have it by now. */
  readonly isOurs: (record: WorkflowRecord) => boolean;
  /** Aborted when nothing is to be said any more. */
  readonly over: AbortSignal;
}
