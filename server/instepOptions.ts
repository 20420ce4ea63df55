/** The options of `createInstep`, each with its default. */
import type { Clock } from "../shared/clock.js";
import type { Limits } from "../shared/limits.js";
import type { CommandLine, DefinitionProblem } from "../shared/wire/rest.js";
import type { ClusterOptions } from "./cluster/clusterOptions.js";
import type { AccessToken } from "./ingress/access/grants.js";
import type { Authorize } from "./ingress/access/hostHook.js";
import type { Log } from "./log/log.js";
import type { MetricsRegistry } from "./metrics/registry.js";
import type { WorkflowDefinition } from "./runner/definition/definition.js";
import type { Store } from "./state/store/store.js";
import type { TracesProvider } from "./traces/traces.js";
import type { WebhookOptions } from "./webhooks/readWebhooks.js";

export interface InstepOptions {
  /** Where the state is kept. One server a folder. */
  dataDir: string;
  /** True: a folder without a store may begin one, whatever is remembered of it. False: it must hold one already. Where missing, an empty folder begins one unless it is remembered as one that held a store. */
  init?: boolean;
  /** A folder outside of the data folder that remembers which data folders held a store: one of them that is empty, as where its disk is not mounted, is refused without `init`. */
  rememberIn?: string;
  /** Takes the folder also from a server of which nothing tells whether it still runs; one that is known to run keeps it. @default false */
  takeOver?: boolean;
  /** The path that leads to Instep where the server hands on whole addresses: `/tools/instep`. Needless below a mount of Express and whatever else takes that path away. @default the root */
  basePath?: string;
  /** How long an ended workflow stays in view, in ms. @default 30,000 */
  clearAfterMs?: number;
  /** How many ended workflows stay readable after that. @default 100 */
  history?: number;
  /** After so many ms without a report a workflow without a lease is interrupted. @default 600,000 */
  silentAfterMs?: number;
  /** The tokens that let somebody in, and what each may do. Where missing, everybody who reaches the server may watch and drive; with an empty list nobody may. Rejects where one is not as it must be. @default everybody */
  tokens?: readonly AccessToken[];
  /** Says who sends a request, and what they may do; null for nobody (401). Where it throws, or takes more than 5 s, the caller hears 503. @default nobody is asked */
  authorize?: Authorize;
  /** After so many ms it is asked again of everybody who has something open: a socket, or an answer that is held or followed. @default 60,000 */
  authorizeAgainMs?: number;
  /** Host names (`name`, at any port, or `name:port`) it is reached by, beside the loopback ones. @default none */
  allowedHosts?: readonly string[];
  /** Origins (`https://app.example.com`) whose pages may call and follow, too, beside its own. Rejects where one is not as a browser sends it. @default none */
  allowedOrigins?: readonly string[];
  /** Proxies whose `X-Forwarded-*` or `Forwarded` counts: `loopback`, addresses, ranges (`10.0.0.0/8`, `fd00::/8`). Rejects where one is none of these. @default none */
  trustProxy?: readonly string[];
  /** Other bounds than those under "Limits". @default see "Limits" */
  limits?: Partial<Limits>;
  /** Time. @default the system's */
  clock?: Clock;
  /** Where it tells what it saw, in the shape of pino. @default silence */
  log?: Log;
  /** Definitions in code that can be started: `defineWorkflow`. @default none */
  definitions?: readonly WorkflowDefinition[];
  /** A folder of definitions as YAML files, read again when they change. */
  workflowsDir?: string;
  /** Another one, of examples: on offer beside those in `workflowsDir`, marked as examples; a name of theirs wins. */
  examplesDir?: string;
  /** Hears of the files that cannot be used: at the start, and of what is new among them whenever they are read again. @default the log does */
  onDefinitionProblems?: (problems: readonly DefinitionProblem[]) => void;
  /** How the command `instep` is called where this program runs: the page shows lines for copying with it. @default the page shows none */
  commandLine?: CommandLine;
  /** How many workflows of its own run at once. @default 10 */
  maxConcurrent?: number;
  /** The environment that every command of theirs finds. @default a PATH, and nothing else */
  env?: Readonly<Record<string, string | undefined>>;
  /** Where a definition's secrets are looked for that are `from: {env}`: commands find nothing else of it. @default `env` */
  secretEnv?: Readonly<Record<string, string | undefined>>;
  /** Where commands reach this server. @default what `listen` says */
  url?: string;
  /** Runs as the very last thing when this process ends: what must not outlive it is ended then. */
  onExit?: (run: () => void) => () => void;
  /** Sends a signal to a whole process group (0 only asks); false when there is none. @default the system's own */
  signalGroup?: (group: number, signal: NodeJS.Signals | 0) => boolean;
  /** The addresses that are told of the ends, questions and interruptions of workflows, whoever drives them. @default nobody */
  webhooks?: readonly WebhookOptions[];
  /** Counts for Prometheus, at `/metrics`: true, or a registry of your own, which has them then, too. Rejects where `prom-client` is not installed. @default nothing is counted */
  metrics?: boolean | MetricsRegistry;
  /** Makes a span of OpenTelemetry for each run of its own, and one for each attempt of a step: true, by the tracer provider that is registered, or by one of your own. Rejects where `@opentelemetry/api` is not installed. @default no spans are made */
  traces?: boolean | TracesProvider;
  /** Makes this server a node of a cluster, which shares its workflows with the others. @default it is alone */
  cluster?: ClusterOptions;
  /** The store to use in place of files in `dataDir`; the caller keeps others away from it. @default files */
  store?: Store;
}
