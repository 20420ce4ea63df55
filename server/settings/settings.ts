/** Every setting, once: its flag, its variables, its default, and how its value is read. Its key in `instep.yaml` is its name in snake_case. */
import { DEFAULTS, LIMITS } from "../../shared/limits.js";
import { ON_STOP } from "../runner/onStop.js";
import { CLUSTER_SETTINGS } from "./clusterSettings.js";
import {
  allowedHost,
  basePath,
  bytes,
  duration,
  host,
  listText,
  oneOf,
  origin,
  place,
  port,
  proxyAddress,
  server,
  token,
  type ValueReader,
  variableName,
  wholeNumber,
  yesOrNo,
} from "./settingValues.js";

export const LOG_LEVELS = ["error", "warn", "info", "debug", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Setting<T = unknown> {
  /** `--no-…` for one that is on where nobody says anything; without a value it is a switch. */
  readonly flag: string;
  /** The first one set counts. */
  readonly env: readonly string[];
  readonly fallback?: string;
  readonly about: string;
  readonly repeatable?: true;
  /** Where only some values can be: offered while one is typed. */
  readonly choices?: readonly string[];
  /** Its value is shown nowhere, and a file that has it must be closed to others. */
  readonly isSecret?: true;
  /** Written as JSON in a flag and in a variable; in `instep.yaml` as a list of its own. */
  readonly isList?: true;
  readonly read: ValueReader<T>;
}

/** Less would leave out what was printed a moment ago. */
const LEAST_OUTPUT = 16 * 2 ** 20;

/** Those of `instep serve`; also what its help lists. */
export const SETTINGS = {
  port: {
    flag: "--port <number>",
    env: ["INSTEP_PORT", "PORT"],
    fallback: String(DEFAULTS.port),
    about: "port to listen on; 0 takes a free one",
    read: port,
  },
  host: {
    flag: "--host <address>",
    env: ["INSTEP_HOST"],
    fallback: DEFAULTS.host,
    about: "address to listen on; beyond this machine only with --token-file",
    read: host,
  },
  basePath: {
    flag: "--base-path <path>",
    env: ["INSTEP_BASE_PATH"],
    fallback: "/",
    about: "the path that leads here, where a proxy passes it on: /tools/instep",
    read: basePath,
  },
  dataDir: {
    flag: "--data-dir <folder>",
    env: ["INSTEP_DATA_DIR"],
    fallback: ".instep",
    about: "where the workflows are kept",
    read: place,
  },
  clearAfter: {
    flag: "--clear-after <time>",
    env: ["INSTEP_CLEAR_AFTER"],
    fallback: `${DEFAULTS.clearAfterMs / 1_000}s`,
    about: "how long an ended workflow stays in view",
    read: duration,
  },
  history: {
    flag: "--history <number>",
    env: ["INSTEP_HISTORY"],
    fallback: String(DEFAULTS.history),
    about: "how many ended workflows to keep",
    read: wholeNumber(0, 1_000_000),
  },
  silentAfter: {
    flag: "--silent-after <time>",
    env: ["INSTEP_SILENT_AFTER"],
    fallback: `${DEFAULTS.silentAfterMs / 60_000}m`,
    about: "a running workflow without reports for so long is interrupted",
    read: duration,
  },
  outputLimit: {
    flag: "--output-limit <size>",
    env: ["INSTEP_OUTPUT_LIMIT"],
    fallback: `${LIMITS.outputTotalBytes / 2 ** 30}GiB`,
    about: "how much of the disk all output may take; the oldest goes first",
    read: bytes(LEAST_OUTPUT),
  },
  tokenFile: {
    flag: "--token-file <file>",
    env: ["INSTEP_TOKEN_FILE"],
    about: 'who may come in: lines "drive <token>" or "watch <token>"',
    read: place,
  },
  allowHost: {
    flag: "--allow-host <host[:port]>",
    env: ["INSTEP_ALLOW_HOST"],
    about: "another name this server is reached by, at any port without one; may be repeated",
    repeatable: true,
    read: allowedHost,
  },
  allowOrigin: {
    flag: "--allow-origin <origin>",
    env: ["INSTEP_ALLOW_ORIGIN"],
    about: "another site whose pages may use this server: https://app.example.com; may be repeated",
    repeatable: true,
    read: origin,
  },
  trustProxy: {
    flag: "--trust-proxy <address>",
    env: ["INSTEP_TRUST_PROXY"],
    about:
      "a proxy whose X-Forwarded-* or Forwarded counts: loopback, an address, a range (10.0.0.0/8); may be repeated",
    repeatable: true,
    read: proxyAddress,
  },
  workflows: {
    flag: "--workflows <folder>",
    env: ["INSTEP_WORKFLOWS"],
    fallback: "workflows",
    about: "definitions that can be started here, YAML files",
    read: place,
  },
  examples: {
    flag: "--no-examples",
    env: ["INSTEP_EXAMPLES"],
    fallback: "true",
    about: "leave out the examples that come with the package",
    read: yesOrNo,
  },
  maxConcurrent: {
    flag: "--max-concurrent <number>",
    env: ["INSTEP_MAX_CONCURRENT"],
    fallback: String(DEFAULTS.maxConcurrent),
    about: "how many workflows run in this server at once; the others wait",
    read: wholeNumber(1, 1_000),
  },
  passEnv: {
    flag: "--pass-env <name>",
    env: ["INSTEP_PASS_ENV"],
    about: "a variable of the server's own that commands find, too; may be repeated",
    repeatable: true,
    read: variableName,
  },
  webhooks: {
    flag: "--webhooks <json>",
    env: ["INSTEP_WEBHOOKS"],
    about: "who is told of ends, questions and interruptions; see Webhooks in docs/operating.md",
    isSecret: true,
    isList: true,
    read: listText,
  },
  metrics: {
    flag: "--metrics",
    env: ["INSTEP_METRICS"],
    fallback: "false",
    about: "count for Prometheus, at /metrics; needs the package prom-client",
    read: yesOrNo,
  },
  traces: {
    flag: "--traces",
    env: ["INSTEP_TRACES"],
    fallback: "false",
    about: "make spans of OpenTelemetry; needs the package @opentelemetry/api and an SDK",
    read: yesOrNo,
  },
  onStop: {
    flag: "--on-stop <way>",
    env: ["INSTEP_ON_STOP"],
    about:
      "commands at work when it stops: keep leaves them to the next server, end ends them (default: Ctrl-C ends or asks, other signals keep)",
    choices: ON_STOP,
    read: oneOf(ON_STOP),
  },
  logLevel: {
    flag: "--log-level <level>",
    env: ["INSTEP_LOG_LEVEL"],
    fallback: "info",
    about: LOG_LEVELS.join(", "),
    choices: LOG_LEVELS,
    read: oneOf(LOG_LEVELS),
  },
  ...CLUSTER_SETTINGS,
} as const satisfies Record<string, Setting>;

/** Those of the commands that talk to a server. */
export const CLIENT_SETTINGS = {
  server: {
    flag: "--server <url>",
    env: ["INSTEP_URL"],
    about: "the server to talk to",
    read: server,
  },
  token: {
    flag: "--token <token>",
    env: ["INSTEP_TOKEN"],
    about: "a token of that server",
    isSecret: true,
    read: token,
  },
} as const satisfies Record<string, Setting>;

export const ALL_SETTINGS = { ...SETTINGS, ...CLIENT_SETTINGS };
export type SettingName = keyof typeof ALL_SETTINGS;
export const SETTING_NAMES = Object.keys(ALL_SETTINGS) as readonly SettingName[];

/** In `instep.yaml`, as recipes write theirs. */
export const keyOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
