/** Instep as a part of a program: builds the parts, joins them, takes them down again. No port, no signal, no global. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import type { IncomingMessage, Server } from "node:http";
import { join, resolve } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import express, { type Router } from "express";
import { type Clock, systemClock } from "../shared/clock.js";
import { DEFAULTS, LIMITS, type Limits } from "../shared/limits.js";
import { Hub } from "./egress/hub.js";
import { ListDocument } from "./egress/listDocument.js";
import { LogHub } from "./egress/logHub.js";
import { type AccessToken, createGate } from "./ingress/access.js";
import { answerErrors } from "./ingress/answerErrors.js";
import { HeldAnswers } from "./ingress/heldAnswers.js";
import { pageRouter, securityHeaders } from "./ingress/page.js";
import { restRouter } from "./ingress/rest.js";
import { Sockets } from "./ingress/sockets.js";
import type { Submit } from "./ingress/submit.js";
import { type Listening, listen } from "./listen.js";
import { type Log, silentLog } from "./log.js";
import { Logs } from "./logs/logs.js";
import { type CodeDefinition, type CodeStep, defineWorkflow } from "./runner/defineWorkflow.js";
import type { WorkflowDefinition } from "./runner/definition.js";
import { Definitions } from "./runner/definitions.js";
import { Leftovers } from "./runner/leftovers.js";
import { signalGroup } from "./runner/processGroup.js";
import { RunFiles } from "./runner/runFiles.js";
import { Runner } from "./runner/runner.js";
import type { RunStep, StepHandler } from "./runner/runStep.js";
import { Disk } from "./state/disk.js";
import { FileStore } from "./state/fileStore.js";
import { Leases } from "./state/leases.js";
import { lockDataDir } from "./state/lock.js";
import { Retention } from "./state/retention.js";
import type { Store } from "./state/store.js";
import { Workflows } from "./state/workflows.js";

export { DataDirLocked } from "./state/lock.js";
export type {
  AccessToken,
  CodeDefinition,
  CodeStep,
  Limits,
  Listening,
  Log,
  RunStep,
  StepHandler,
  Store,
  WorkflowDefinition,
};
export { defineWorkflow };

export interface InstepOptions {
  /** Where the state is kept. One server a folder. */
  dataDir: string;
  /** How long an ended workflow stays in view; 30,000. */
  clearAfterMs?: number;
  /** How many ended workflows stay readable after that; 100. */
  history?: number;
  /** After so long without a report a workflow without a lease is interrupted; 600,000. */
  silentAfterMs?: number;
  /** None: whoever reaches the server may watch and drive. */
  tokens?: readonly AccessToken[];
  /** Host names (`name` or `name:port`) it is reached by, beside the loopback ones. */
  allowedHosts?: readonly string[];
  limits?: Partial<Limits>;
  clock?: Clock;
  log?: Log;
  /** What can be started, in code: `defineWorkflow`. */
  definitions?: readonly WorkflowDefinition[];
  /** A folder of definitions as YAML files, read again when they change. */
  workflowsDir?: string;
  /** Another one, offered as long as there is nothing in `workflowsDir`. */
  examplesDir?: string;
  /** How many workflows of its own run at once; 10. */
  maxConcurrent?: number;
  /** What every command of theirs finds in its environment; nothing where missing but a PATH. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Where commands reach this server; known by itself after `listen`. */
  url?: string;
  /** Runs as the very last thing when this process ends: what must not outlive it is ended then. */
  onExit?: (run: () => void) => () => void;
  /** Sends a signal to a whole process group (0 only asks); false when there is none. The system's own where missing. */
  signalGroup?: (group: number, signal: NodeJS.Signals | 0) => boolean;
  /** The store to use in place of files in `dataDir`; the caller keeps others away from it. */
  store?: Store;
}

export interface Instep {
  /** REST and the page, for an Express app to mount anywhere. */
  router(): Router;
  /** Adds one `upgrade` listener that leaves other paths alone; `mount` where the path's end is not enough. Returns its removal. */
  attach(server: Server, options?: { mount?: string }): () => void;
  /** The same by hand: false, and nothing done, where the path is not ours. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** The standalone server on top of these. Rejects where the port cannot be had. */
  listen(at?: { port?: number; host?: string }): Promise<Listening>;
  /** Refuses what is new, makes durable what was accepted, says goodbye, and leaves nothing open. */
  close(options?: { drainMs?: number }): Promise<void>;
}

const DRAIN_MS = 10_000;
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Resolves once the data folder is locked and read. Rejects with DataDirLocked, or with what is wrong with the folder. */
export async function createInstep(options: InstepOptions): Promise<Instep> {
  const { dataDir, clock = systemClock, log = silentLog } = options;
  const limits: Limits = { ...LIMITS, ...options.limits };
  const history = options.history ?? DEFAULTS.history;
  const disk = new Disk();
  await disk.makeFolder(dataDir);
  const unlock = await lockDataDir(dataDir);
  const { store, logs } = await orUnlock(unlock, async () => {
    const store = options.store ?? (await FileStore.load(disk, dataDir, () => clock.now()));
    for (const damage of store.damaged) log.error(damage, "a damaged file was moved aside");
    const logs = await Logs.open({
      dataDir,
      store,
      outputBytes: limits.outputBytes,
      now: () => clock.now(),
      onFailure: (error, folder) => log.error({ err: error, folder }, "output was not removed"),
    });
    return { store, logs };
  });

  const leases = new Leases(store, clock, limits.leaseMs);
  const workflows = new Workflows({
    store,
    leases,
    clock,
    limits,
    clearAfterMs: options.clearAfterMs ?? DEFAULTS.clearAfterMs,
    keepsHistory: history > 0,
    outputs: logs,
  });
  const hub = new Hub(store, workflows, new ListDocument(store, clock, limits), limits);
  const logHub = new LogHub({
    store,
    workflows,
    logs,
    limits,
    onFailure: (error, output) => log.error({ err: error, ...output }, "output is unreadable"),
  });
  const held = new HeldAnswers(store, logs, clock, limits.heldAnswers);
  const retention = new Retention({
    store,
    workflows,
    leases,
    clock,
    history,
    silentAfterMs: options.silentAfterMs ?? DEFAULTS.silentAfterMs,
    leaseMs: limits.leaseMs,
    tombstones: limits.tombstones,
    outputs: logs,
    onFailure: (error, workflowId) =>
      log.error({ err: error, workflowId }, "a deadline could not be kept"),
  });

  const bootId = randomUUID();
  const runner = await orUnlock(unlock, openRunner);

  let closing: Promise<void> | null = null;
  const gate = createGate({
    tokens: options.tokens ?? [],
    allowedHosts: options.allowedHosts ?? [],
  });
  const submit: Submit = (submission) => runner.submit(submission);
  const shared = { workflows, submit, gate, clock, limits, isDraining: () => closing !== null };
  const sockets = new Sockets({ ...shared, leases, hub, logHub, bootId, log });
  const detachers = new Set<() => void>();
  const listening = new Set<Listening>();

  const instep: Instep = {
    router: () => {
      const router = express.Router();
      router.use(securityHeaders());
      router.use(restRouter({ ...shared, leases, logs, held, runner }));
      router.use(pageRouter(pageFolder(), gate));
      router.use(answerErrors(limits, log));
      return router;
    },
    attach: (server, { mount } = {}) => {
      const detach = sockets.attach(server, mount);
      detachers.add(detach);
      return detach;
    },
    handleUpgrade: (request, socket, head) => sockets.handleUpgrade(request, socket, head),
    listen: async ({ port = DEFAULTS.port, host = DEFAULTS.host } = {}) => {
      const started = await listen({ router: instep.router(), sockets, port, host });
      listening.add(started);
      runner.url = options.url ?? started.url;
      return started;
    },
    close: ({ drainMs = DRAIN_MS } = {}) => {
      closing ??= shutDown(drainMs);
      return closing;
    },
  };
  return instep;

  async function openRunner(): Promise<Runner> {
    const wanted = [...store.open.values(), ...store.history.values()].flatMap(
      ({ run }) => run ?? [],
    );
    const stateDir = join(dataDir, "private");
    await disk.makeFolder(stateDir);
    const opened = await Runner.open({
      store,
      workflows,
      logs,
      clock,
      limits,
      bootId,
      log,
      definitions: new Definitions({
        folder: options.workflowsDir ?? null,
        examples: options.examplesDir ?? null,
        inCode: options.definitions ?? [],
      }),
      runFiles: await RunFiles.open(disk, dataDir, new Set(wanted)),
      leftovers: await Leftovers.open(disk, dataDir),
      maxConcurrent: options.maxConcurrent ?? DEFAULTS.maxConcurrent,
      env: options.env ?? { PATH: DEFAULT_PATH },
      stateDir: resolve(stateDir),
      tools: {
        clock,
        signalGroup: options.signalGroup ?? signalGroup,
        onExit: options.onExit ?? (() => () => {}),
      },
    });
    if (options.url !== undefined) opened.url = options.url;
    return opened;
  }

  async function shutDown(drainMs: number): Promise<void> {
    const timer = deadlineAfter(clock, drainMs);
    held.close();
    for (const server of listening) server.stopAccepting();
    await retention.close();
    await runner.close();
    await workflows.close();
    await sockets.close(timer.reached);
    hub.close();
    logHub.close();
    leases.close();
    for (const detach of detachers) detach();
    for (const server of listening) await server.close(timer.reached);
    timer.cancel();
    await logs.close();
    await store.close();
    await unlock();
  }
}

async function orUnlock<T>(unlock: () => Promise<void>, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    await unlock();
    throw error;
  }
}

function deadlineAfter(clock: Clock, ms: number): { reached: Promise<void>; cancel: () => void } {
  let cancel = () => {};
  const reached = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  return { reached, cancel };
}

/** Built: beside this file's folder. From the sources: in what the build made. */
function pageFolder(): string {
  const built = fileURLToPath(new URL("../ui/", import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL("../dist/ui/", import.meta.url));
}
