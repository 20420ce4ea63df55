/** Builds Instep's parts and joins them. Each part that has to end is on the undo list from the turn in which it began. */
import { randomUUID } from "node:crypto";
import { DEFAULTS } from "../shared/limits.js";
import { type Basis, basisOf } from "./basis.js";
import { ALONE, type Standing } from "./cluster/standing.js";
import { Commands } from "./commands.js";
import { type Egress, egressOf } from "./egressOf.js";
import { OwnPorts } from "./ingress/access/ownPorts.js";
import type { Shares } from "./ingress/access/shares.js";
import { HeldAnswers } from "./ingress/answer/heldAnswers.js";
import { EventStreams } from "./ingress/events/eventStreams.js";
import { RateLimiter } from "./ingress/pace/rateLimit.js";
import { Turns } from "./ingress/pace/turns.js";
import { Unheard } from "./ingress/request/unheard.js";
import type { RestParts } from "./ingress/rest/rest.js";
import { Mounts } from "./ingress/socket/mounts.js";
import { Sockets } from "./ingress/socket/sockets.js";
import type { InstepOptions } from "./instepOptions.js";
import { ConnectionRoom } from "./listening/connectionRoom.js";
import { Doors } from "./listening/doors.js";
import type { Log } from "./log/log.js";
import { connectionsHere } from "./machine/openFiles.js";
import { signalGroup } from "./machine/signalGroup.js";
import { errorCode } from "./machine/systemErrors.js";
import { type GateOptions, type OpenedGate, openGate } from "./openGate.js";
import { countedReceive, openMetrics, readMetrics, timedStore } from "./openMetrics.js";
import { openShares } from "./openShares.js";
import { openWebhooks } from "./openWebhooks.js";
import { logProblems } from "./runner/definition/source/definitionProblems.js";
import { Definitions } from "./runner/definition/source/definitions.js";
import { tellsOf } from "./runner/lost/whose.js";
import type { OnStop } from "./runner/onStop.js";
import { Runner } from "./runner/runner.js";
import { runnerFolders } from "./runnerFolders.js";
import { Leases } from "./state/leases.js";
import { PastRuns } from "./state/pastRuns.js";
import { Retention } from "./state/retention.js";
import { Summaries } from "./state/summaries.js";
import type { Telling } from "./state/untold.js";
import { Workflows } from "./state/workflows.js";
import { openStorage, type Storage } from "./storage.js";
import { openTraces } from "./traces/openTraces.js";
import type { Traces } from "./traces/traces.js";
import type { UndoList } from "./undoList.js";
import { tellUnread } from "./unread.js";

/** One running server, as `createInstep` and its routers use it. */
export interface Parts extends RestParts, OpenedGate {
  readonly log: Log;
  readonly lines: Basis["lines"];
  readonly mounts: Mounts;
  readonly runner: Runner;
  readonly doors: Doors;
  /** Null for a server alone. */
  readonly shared: Storage["shared"];
}

/** A server's options, and what only a program that has a store of its own to share gives it. */
export interface AssembleOptions extends InstepOptions {
  /** @default alone */
  readonly standing?: Standing;
}

/** Told by whoever closes the server. */
export interface Closing {
  readonly isDraining: () => boolean;
  readonly commandsAtClose: () => OnStop;
}

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Resolves once the data folder is locked and read and the runner has begun. Rejects with DataDirLocked, or with what is wrong with
 * the folder; what was begun by then is on `undo`, for the caller to run. Run to the end, `undo` leaves nothing open.
 *
 * The order of the parts among themselves means nothing to what they hear: `Commits` tells each in its turn. It means something at the end,
 * as what began last ends first: answers that are held, new connections, deadlines, the runner, commands under way, open sockets and calls,
 * their frames, and at last the store, the disk and the lock.
 */
export async function assemble(
  options: AssembleOptions,
  undo: UndoList,
  { isDraining, commandsAtClose }: Closing,
): Promise<Parts> {
  const metrics = await openMetrics(options);
  undo.push(() => metrics?.close());
  const basis = basisOf(options, metrics);
  const traces = await openTraces(options, basis);
  undo.push(() => traces?.close());
  const bootId = randomUUID();
  const saysGoodbye = () => commandsAtClose() === "end";
  const storage = await openStorage(options, basis, undo, { bootId, saysGoodbye });
  const { shared } = storage;
  const webhooks = await openWebhooks(options, basis, storage, bootId, () => runner);
  undo.push(() => webhooks.close());
  const authority = authorityOver(storage, options, basis, undo, webhooks);
  const egress = egressOf(authority, storage, basis, undo);
  // No door is open before the runner is there: nothing is received until then.
  const receive = countedReceive((submission) => commands.take(submission), metrics);
  const { standing = shared?.standing ?? ALONE } = options;
  const unheard = new Unheard(authority.workflows, storage.store);
  const shares = openShares(storage, authority.workflows, options, basis, undo);
  const around = { storage: storage.health, standing, bootId, isDraining, shares };
  const behind = { ...authority, ...egress, ...around, receive, unheard };
  const ingress = await ingressBefore({ ...behind, shared }, options, basis, undo);
  // Commands under way are answered before the doors close.
  undo.push(() => authority.workflows.close());

  const runner: Runner = await runnerOf(authority, storage, bootId, options, {
    ...basis,
    traces,
  });
  const commands = new Commands(authority.workflows, runner);
  tellUnread(basis.log, storage.store, storage.unread);
  undo.push(() => runner.close(commandsAtClose()));
  // Before the runner, whose first words may be interruptions.
  await webhooks.begin();
  await runner.begin();

  // After the runner: it knows of which ends a hook is still being told, and those are not cleared yet.
  const retention = retentionOf(authority, storage, runner, options, basis);
  undo.push(() => retention.close());
  undo.push(shared?.nodes.listen(() => retention.armAll()) ?? (() => {}));
  retention.begin();
  undo.push(() => ingress.doors.stopAccepting());
  const { clock, limits } = basis;
  const { commits, outputs } = storage;
  const held = new HeldAnswers({
    ...{ commits, outputs, standing, clock },
    turns: ingress.turns,
    limit: limits.heldAnswers,
  });
  undo.push(() => held.close());
  undo.push(
    readMetrics({ ...behind, ...ingress, runner, webhooks }, storage, bootId, options, basis),
  );
  const far = storage.far?.calls;
  return { ...basis, ...behind, ...ingress, outputs, far, shared, runner, held, webhooks };
}

type Authority = Pick<RestParts, "leases" | "workflows" | "past" | "summaries">;

/** The part that decides about commands, with the memory it keeps beside the records. */
function authorityOver(
  { store, commits, shared, far, ...storage }: Storage,
  options: InstepOptions,
  basis: Basis,
  undo: UndoList,
  telling: Telling,
): Authority {
  const { clock, limits } = basis;
  const leases = new Leases(commits, clock, limits.leaseMs, store.leases);
  undo.push(() => leases.close());
  const keepsHistory = historyOf(options) > 0;
  const clearAfterMs = clearAfterOf(options);
  const outputs = far?.port ?? storage.outputs;
  const parts = { store, commits, leases, clock, limits, clearAfterMs, keepsHistory, outputs };
  const isThere = far ? (node: string) => far.homes.isThere(node) : undefined;
  const workflows = new Workflows({
    ...{ ...parts, store: timedStore(store, basis), node: shared?.nodes.me, isThere },
    telling,
  });
  const past = new PastRuns(commits);
  undo.push(() => past.close());
  return { leases, workflows, past, summaries: new Summaries(past) };
}

type Behind = Egress &
  Pick<RestParts, "leases" | "storage" | "standing" | "receive" | "unheard" | "isDraining"> & {
    readonly storage: Storage["health"];
    readonly bootId: string;
    readonly shares: Shares;
    readonly shared?: Storage["shared"];
  };

/** The ways in, none of them open yet, with who may come through them and how fast. */
async function ingressBefore(
  behind: Behind,
  options: GateOptions,
  basis: Basis,
  undo: UndoList,
): Promise<
  Pick<Parts, "gate" | "grants" | "host" | "mounts" | "rates" | "turns" | "doors"> & {
    readonly sockets: Sockets;
    readonly events: EventStreams;
  }
> {
  const { clock, limits, log } = basis;
  const ownPorts = new OwnPorts();
  const rates = new RateLimiter(clock, limits);
  const turns = new Turns(clock, setImmediate);
  const mounts = new Mounts(clock);
  const opened = openGate(options, ownPorts, behind, basis);
  const streams = (): number => events.count;
  const sockets = new Sockets({ ...basis, ...behind, ...opened, mounts, rates, turns, streams });
  const events = new EventStreams({ ...basis, ...behind, sockets: () => sockets.count });
  const { connections, unreadMs } = limits;
  const room = new ConnectionRoom(await connectionsHere(connections, log));
  const doors = new Doors(sockets, ownPorts, { turns, clock, log, room, unreadMs });
  undo.push((deadline) => doors.close(deadline));
  undo.push(() => events.close());
  // Before the doors: they wait for who waits for the host.
  undo.push(() => opened.host?.close());
  return { ...opened, mounts, rates, turns, events, doors, sockets };
}

/** The driver in the server. It does nothing before `begin`. */
async function runnerOf(
  { workflows }: Authority,
  { disk, store, commits, outputs, unread, shared }: Storage,
  bootId: string,
  options: InstepOptions,
  { clock, limits, log, metrics, traces }: Basis & { readonly traces: Traces | null },
): Promise<Runner> {
  const tools = {
    clock,
    signalGroup: options.signalGroup ?? signalGroup,
    onExit: options.onExit ?? (() => () => {}),
  };
  const folders = await runnerFolders(disk, options.dataDir, store, {
    ...{ tools, env: options.env ?? { PATH: DEFAULT_PATH }, log },
    ...{ mirror: shared?.mirror, nodes: shared?.nodes },
    onUnreadable: (error, file) => unread.push({ file, error }),
  });
  const runner = new Runner({
    ...{ store, commits, workflows, outputs, clock, limits, bootId, log, cluster: shared },
    ...{ metrics, traces },
    ...folders,
    definitions: new Definitions({
      folder: options.workflowsDir ?? null,
      examples: options.examplesDir ?? null,
      inCode: options.definitions ?? [],
      onProblems: options.onDefinitionProblems ?? ((problems) => logProblems(log, problems)),
    }),
    commandLine: options.commandLine,
    maxConcurrent: options.maxConcurrent ?? DEFAULTS.maxConcurrent,
    env: options.env ?? { PATH: DEFAULT_PATH },
    secretEnv: options.secretEnv ?? options.env ?? {},
    tools,
  });
  if (options.url !== undefined) runner.url = options.url;
  return runner;
}

/** The deadlines of workflows. None is kept before `begin`. */
function retentionOf(
  { workflows, leases }: Authority,
  { store, commits, outputs, far, shared }: Storage,
  runner: Runner,
  options: InstepOptions,
  { clock, limits, lines }: Basis,
): Retention {
  return new Retention({
    ...{ store, commits, workflows, leases, clock, outputs },
    history: historyOf(options),
    clearAfterMs: clearAfterOf(options),
    silentAfterMs: options.silentAfterMs ?? DEFAULTS.silentAfterMs,
    leaseMs: limits.leaseMs,
    expires: shared ? (record) => tellsOf(record, shared.nodes) : undefined,
    judges: far ? (record) => far.homes.isJudgeOf(record) : undefined,
    tombstones: limits.tombstones,
    heldBack: (epoch) => runner.hooks.untilTold(epoch),
    onFailure: (error, workflow_id) =>
      lines.error(
        `deadline ${errorCode(error)}`,
        { err: error, workflow_id },
        "a deadline could not be kept; it is tried again",
      ),
  });
}

const historyOf = ({ history = DEFAULTS.history }: InstepOptions): number => history;
const clearAfterOf = ({ clearAfterMs = DEFAULTS.clearAfterMs }: InstepOptions): number =>
  clearAfterMs;
