/** The settings of `instep serve`, as its parts take them. */
import { statSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { DEFAULTS, type Limits } from "../../shared/limits.js";
import type { ClusterOptions } from "../cluster/clusterOptions.js";
import { readOrigin } from "../ingress/access/origin.js";
import { readProxyAddress } from "../ingress/proxies/proxyAddress.js";
import type { OnStop } from "../runner/onStop.js";
import { placedIn, readWebhooks, type WebhookOptions } from "../webhooks/readWebhooks.js";
import { CLUSTER_NAMES, readCluster } from "./readCluster.js";
import { type Given, readSetting, resolve, sourceOf, type ValueOf } from "./resolveSettings.js";
import { SettingError } from "./settingError.js";
import { type LogLevel, SETTINGS, type SettingName } from "./settings.js";
import { isLoopback, port } from "./settingValues.js";
import { readTokenFile, type Token } from "./tokenFile.js";
import { checkVariables } from "./variables.js";

export interface ServeSettings {
  readonly port: number;
  readonly host: string;
  /** Empty for the root. */
  readonly basePath: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly clearAfterMs: number;
  readonly history: number;
  readonly silentAfterMs: number;
  readonly limits: Pick<Limits, "outputTotalBytes">;
  readonly tokens: readonly Token[];
  /** Absolute; null where none is needed. */
  readonly tokenFile: string | null;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** Addresses and ranges, as they were written. */
  readonly trustProxy: readonly string[];
  /** Absolute; need not be there unless somebody named it. */
  readonly workflowsDir: string;
  readonly offersExamples: boolean;
  readonly maxConcurrent: number;
  /** Names of variables of our own that commands find, too. */
  readonly passEnv: readonly string[];
  /** Null where the signal decides. */
  readonly onStop: OnStop | null;
  readonly logLevel: LogLevel;
  readonly webhooks: readonly WebhookOptions[];
  /** Whether anything is counted. */
  readonly metrics: boolean;
  /** Whether spans are made. */
  readonly traces: boolean;
  /** Null for a server alone. */
  readonly cluster: ClusterOptions | null;
}

/** Throws SettingError for all that cannot be used. */
export function readServeSettings(given: Given): ServeSettings {
  checkVariables(given.env);
  const problems: string[] = [];
  const from = <N extends SettingName>(name: N): ValueOf<N> => {
    const found = resolve(name, given);
    if (found.ok) return found.value;
    problems.push(found.problem);
    return undefined as ValueOf<N>;
  };
  const tokenFile = from("tokenFile");
  const settings: ServeSettings = {
    port: from("port"),
    host: from("host"),
    basePath: from("basePath"),
    dataDir: from("dataDir"),
    clearAfterMs: from("clearAfter"),
    history: from("history"),
    silentAfterMs: from("silentAfter"),
    limits: { outputTotalBytes: from("outputLimit") },
    tokens: [],
    tokenFile: tokenFile ?? null,
    allowedHosts: from("allowHost"),
    allowedOrigins: from("allowOrigin"),
    trustProxy: from("trustProxy"),
    workflowsDir: from("workflows"),
    offersExamples: from("examples"),
    maxConcurrent: from("maxConcurrent"),
    passEnv: from("passEnv"),
    onStop: from("onStop") ?? null,
    logLevel: from("logLevel"),
    webhooks: [],
    metrics: from("metrics"),
    traces: from("traces"),
    cluster: null,
  };
  for (const name of CLUSTER_NAMES) from(name);
  from("webhooks");
  if (problems.length === 0) {
    problems.push(...refused("trustProxy", settings.trustProxy, readProxyAddress, given));
    problems.push(...refused("allowOrigin", settings.allowedOrigins, readOrigin, given));
  }
  if (problems.length === 0) problems.push(...missingOnDisk(settings, given));
  if (problems.length > 0) throw new SettingError(problems.join("\n  "));
  const tokens = tokenFile === undefined ? [] : tokensOf(tokenFile, given);
  if (!isLoopback(settings.host) && tokens.length === 0) {
    const source = sourceOf("host", resolve("host", given).origin);
    throw new SettingError(
      `${source}: ${settings.host} can be reached from other machines, so a token is needed: give --token-file, or listen on ${DEFAULTS.host}.`,
    );
  }
  const machine = given.machine ?? hostname();
  const cluster = readCluster(given, { ...settings, machine });
  return { ...settings, tokens, cluster, webhooks: webhooksIn(given) };
}

/** `INSTEP_DATA_DIR` and its flag, which `instep run` shares. */
export const readDataDir = (given: Given): string => readSetting("dataDir", given);

/** A port given by flag only: the port in the environment is the server's, and it may be running. */
export function readFreePort(flag: string | undefined): number {
  try {
    return port(flag ?? "0", { folder: "/" });
  } catch (error) {
    throw new SettingError(`--port: ${(error as Error).message}`);
  }
}

/** With the places of their files as they are found from anywhere. */
function webhooksIn(given: Given): readonly WebhookOptions[] {
  const found = resolve("webhooks", given);
  const text = found.ok ? found.value : undefined;
  if (text === undefined) return [];
  const { origin } = found;
  const source = sourceOf("webhooks", origin);
  try {
    const folder = origin.from === "file" ? path.dirname(origin.file.path) : given.cwd;
    return placedIn(folder, readWebhooks(JSON.parse(text), { plainSecrets: false }));
  } catch (error) {
    throw new SettingError(`${source}: ${(error as Error).message}`);
  }
}

function tokensOf(file: string, given: Given): Token[] {
  try {
    return readTokenFile(file);
  } catch (error) {
    const source = sourceOf("tokenFile", resolve("tokenFile", given).origin);
    throw new SettingError(`${source}: ${(error as Error).message}`);
  }
}

/** The refusals of those entries of a list that its strict reader does not take. */
function refused(
  name: SettingName,
  entries: readonly string[],
  read: (entry: string) => unknown,
  given: Given,
): string[] {
  return entries.flatMap((entry) => {
    try {
      read(entry);
      return [];
    } catch (error) {
      return [`${sourceOf(name, resolve(name, given).origin)}: ${(error as Error).message}`];
    }
  });
}

/** The usual folder may come later, or never; one that somebody named and that is not there is a mistake. */
function missingOnDisk({ workflowsDir }: ServeSettings, given: Given): string[] {
  const { origin } = resolve("workflows", given);
  const isUsual = workflowsDir === path.resolve(given.cwd, SETTINGS.workflows.fallback);
  if (isUsual || statSync(workflowsDir, { throwIfNoEntry: false })?.isDirectory()) return [];
  return [`${sourceOf("workflows", origin)}: there is no folder ${workflowsDir}`];
}
