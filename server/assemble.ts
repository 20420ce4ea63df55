/** Builds Instep's parts and joins them. Each part that has to end is on the undo list from the turn in which it began. */
import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../shared/clock.js";
import { DEFAULTS, LIMITS, type Limits } from "../shared/limits.js";
import { Commands } from "./commands.js";
import { openDataFolder } from "./dataFolder.js";
import { Hub } from "./egress/hub.js";
import { Lists } from "./egress/lists.js";
import { OutputHub } from "./egress/outputHub.js";
import { createGate, type Gate } from "./ingress/access/access.js";
import { Grants } from "./ingress/access/grants.js";
import { OwnPorts } from "./ingress/access/ownPorts.js";
import { WrongTokens } from "./ingress/access/wrongTokens.js";
import { HeldAnswers } from "./ingress/answer/heldAnswers.js";
import { RateLimiter } from "./ingress/pace/rateLimit.js";
import { Turns } from "./ingress/pace/turns.js";
import type { Receive } from "./ingress/request/receive.js";
import { Mounts } from "./ingress/socket/mounts.js";
import { Sockets } from "./ingress/socket/sockets.js";
import { ConnectionRoom } from "./listening/connectionRoom.js";
import { Doors } from "./listening/doors.js";
import { type Log, silentLog } from "./log/log.js";
import { ThrottledLog } from "./log/throttledLog.js";
import { Disk } from "./machine/disk.js";
import { connectionsHere } from "./machine/openFiles.js";
import { signalGroup } from "./machine/signalGroup.js";
import type { StorageHealth } from "./machine/storageHealth.js";
import { errorCode } from "./machine/systemErrors.js";
import { openOutput } from "./openOutput.js";
import type { OutputStore } from "./output/outputStore.js";
import { logProblems } from "./runner/definition/source/definitionProblems.js";
import { Definitions } from "./runner/definition/source/definitions.js";
import { Runner } from "./runner/runner.js";
import { runnerFolders } from "./runnerFolders.js";
import type { InstepOptions } from "./server.js";
import { Commits } from "./state/commits.js";
import { Leases } from "./state/leases.js";
import { PastRuns } from "./state/pastRuns.js";
import { Retention } from "./state/retention.js";
import { FileStore } from "./state/store/fileStore.js";
import type { Store } from "./state/store/store.js";
import { Summaries } from "./state/summaries.js";
import { Workflows } from "./state/workflows.js";
import { guardedClock } from "./time/guardedClock.js";
import type { UndoList } from "./undoList.js";
import { tellUnread, type Unread } from "./unread.js";
import { watchStorage } from "./watchStorage.js";

/** What the doors need of what is behind them. */
export interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: Limits;
  readonly gate: Gate;
  readonly grants: Grants;
  readonly mounts: Mounts;
  readonly rates: RateLimiter;
  readonly turns: Turns;
  readonly workflows: Workflows;
  readonly past: PastRuns;
  readonly summaries: Summaries;
  readonly leases: Leases;
  readonly outputs: OutputStore;
  readonly held: HeldAnswers;
  readonly runner: Runner;
  readonly receive: Receive;
  readonly doors: Doors;
  readonly storage: StorageHealth;
  readonly isDraining: () => boolean;
}

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Resolves once the data folder is locked and read and the runner has begun. Rejects with DataDirLocked, or with what is wrong with
 * the folder; what was begun by then is on `undo`, for the caller to run. Run to the end, `undo` leaves nothing open.
 */
export async function assemble(
  options: InstepOptions,
  undo: UndoList,
  isDraining: () => boolean,
): Promise<Parts> {
  const { dataDir, log = silentLog } = options;
  const clock = guardedClock(options.clock ?? systemClock, (error) =>
    log.error({ err: error }, "a timer has thrown"),
  );
  const limits: Limits = { ...LIMITS, ...options.limits };
  const clearAfterMs = options.clearAfterMs ?? DEFAULTS.clearAfterMs;
  const history = options.history ?? DEFAULTS.history;
  const ownPorts = new OwnPorts();
  const grants = new Grants(options.tokens ?? []);
  const gate = createGate({
    grants,
    allowedHosts: options.allowedHosts ?? [],
    wrongTokens: new WrongTokens(clock, log, limits),
    ownPorts,
  });

  const lines = new ThrottledLog(log, clock);
  const probe = (folder: string, bytes: number) => disk.probe(folder, bytes);
  const settle = async () => store.settle?.();
  const storage = watchStorage({ clock, log, lines, probe, settle });
  const paces = { rates: new RateLimiter(clock, limits), turns: new Turns(clock, setImmediate) };
  const { fileSystem, prove } = await openDataFolder(options, { clock, log, storage, undo });
  // Before anything is loaded: a disk that refuses then is looked at again on a timer, which a refused start must not leave.
  undo.push(() => storage.close());
  const disk: Disk = new Disk(fileSystem, storage);
  const store: Store = options.store ?? (await loadFiles(disk, dataDir, clock, log));
  undo.push(() => store.close());
  const unread: Unread[] = [];
  const commits = new Commits(store, (error, { kind, before }) =>
    log.error(
      { err: error, kind, workflow_id: before?.workflow_id },
      "a reader of commits has thrown",
    ),
  );
  undo.push(() => commits.close());
  const outputs = await openOutput({
    ...{ dataDir, commits, limits, fileSystem, prove },
    ...{ store, clock, storage, log, lines },
    onUnreadable: (error, folder) => unread.push({ folder, error }),
  });
  undo.push(() => outputs.close());

  const leases = new Leases(commits, clock, limits.leaseMs);
  undo.push(() => leases.close());
  const workflows = new Workflows({
    store,
    commits,
    leases,
    clock,
    limits,
    clearAfterMs,
    keepsHistory: history > 0,
    outputs,
  });
  const outputHub = new OutputHub({
    commits,
    workflows,
    outputs,
    limits,
    onFailure: (error, output) => log.error({ err: error, ...output }, "output is unreadable"),
  });
  undo.push(() => outputHub.close());
  const onFailure = (error: unknown, documentId: string) =>
    log.error({ err: error, documentId }, "a change could not be told");
  const past = new PastRuns(commits);
  undo.push(() => past.close());
  const summaries = new Summaries(past);
  const lists = new Lists({ commits, summaries, clock, limits, onFailure });
  const hub = new Hub({ commits, workflows, lists, limits, onFailure });
  undo.push(() => hub.close());

  // No door is open before the runner is there: nothing is received until then.
  const receive: Receive = (submission) => commands.take(submission);
  const bootId = randomUUID();
  const mounts = new Mounts(clock);
  const sockets = new Sockets({
    receive,
    gate,
    mounts,
    clock,
    limits,
    ...paces,
    leases,
    hub,
    outputHub,
    storage,
    bootId,
    log,
    isDraining,
  });
  const { connections, unreadMs } = limits;
  const room = new ConnectionRoom(await connectionsHere(connections, log));
  const doors = new Doors(sockets, ownPorts, { ...paces, clock, log, room, unreadMs });
  undo.push((deadline) => doors.close(deadline));
  // Before the doors close, so that whoever waits for an answer gets it.
  undo.push(() => workflows.close());

  const runner = new Runner({
    store,
    commits,
    workflows,
    outputs,
    clock,
    limits,
    bootId,
    log,
    definitions: new Definitions({
      folder: options.workflowsDir ?? null,
      examples: options.examplesDir ?? null,
      inCode: options.definitions ?? [],
      onProblems: options.onDefinitionProblems ?? ((problems) => logProblems(log, problems)),
    }),
    ...(await runnerFolders(disk, dataDir, store, (error, file) => unread.push({ file, error }))),
    commandLine: options.commandLine,
    maxConcurrent: options.maxConcurrent ?? DEFAULTS.maxConcurrent,
    env: options.env ?? { PATH: DEFAULT_PATH },
    secretEnv: options.secretEnv ?? options.env ?? {},
    tools: {
      clock,
      signalGroup: options.signalGroup ?? signalGroup,
      onExit: options.onExit ?? (() => () => {}),
    },
  });
  const commands = new Commands(workflows, runner);
  tellUnread(log, store, unread);
  if (options.url !== undefined) runner.url = options.url;
  undo.push(() => runner.close());
  await runner.begin();

  const retention = new Retention({
    store,
    commits,
    workflows,
    leases,
    clock,
    history,
    clearAfterMs,
    silentAfterMs: options.silentAfterMs ?? DEFAULTS.silentAfterMs,
    leaseMs: limits.leaseMs,
    tombstones: limits.tombstones,
    outputs,
    heldBack: (epoch) => runner.hooks.untilTold(epoch),
    onFailure: (error, workflow_id) =>
      lines.error(
        `deadline ${errorCode(error)}`,
        { err: error, workflow_id },
        "a deadline could not be kept; it is tried again",
      ),
  });
  undo.push(() => retention.close());
  retention.begin();
  undo.push(() => doors.stopAccepting());
  const held = new HeldAnswers(commits, outputs, clock, limits.heldAnswers);
  undo.push(() => held.close());
  return {
    clock,
    log,
    limits,
    gate,
    grants,
    mounts,
    ...paces,
    workflows,
    past,
    summaries,
    leases,
    outputs,
    held,
    runner,
    receive,
    doors,
    storage,
    isDraining,
  };
}

function loadFiles(disk: Disk, dataDir: string, clock: Clock, log: Log): Promise<Store> {
  return FileStore.load(
    disk,
    dataDir,
    () => clock.now(),
    (error) => log.error({ err: error }, "a reader of commits has thrown"),
    () => clock.elapsed(),
  );
}
