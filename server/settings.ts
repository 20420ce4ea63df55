/** The settings of `instep serve`: each with its flag, its variables and its default. */
import { DEFAULTS, LIMITS } from "../shared/limits.js";

export const LOG_LEVELS = ["error", "warn", "info", "debug", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Setting {
  readonly flag: string;
  /** The first one set counts. */
  readonly env: readonly string[];
  readonly fallback?: string;
  readonly about: string;
  readonly repeatable?: true;
}

/** Also what `instep serve --help` lists. */
export const SETTINGS = {
  port: {
    flag: "--port <number>",
    env: ["INSTEP_PORT", "PORT"],
    fallback: String(DEFAULTS.port),
    about: "port to listen on; 0 takes a free one",
  },
  host: {
    flag: "--host <address>",
    env: ["INSTEP_HOST"],
    fallback: DEFAULTS.host,
    about: "address to listen on; beyond this machine only with --token-file",
  },
  dataDir: {
    flag: "--data-dir <folder>",
    env: ["INSTEP_DATA_DIR"],
    fallback: ".instep",
    about: "where the workflows are kept",
  },
  clearAfter: {
    flag: "--clear-after <time>",
    env: ["INSTEP_CLEAR_AFTER"],
    fallback: `${DEFAULTS.clearAfterMs / 1_000}s`,
    about: "how long an ended workflow stays in view",
  },
  history: {
    flag: "--history <number>",
    env: ["INSTEP_HISTORY"],
    fallback: String(DEFAULTS.history),
    about: "how many ended workflows to keep",
  },
  silentAfter: {
    flag: "--silent-after <time>",
    env: ["INSTEP_SILENT_AFTER"],
    fallback: `${DEFAULTS.silentAfterMs / 60_000}m`,
    about: "a running workflow without reports for so long is interrupted",
  },
  outputLimit: {
    flag: "--output-limit <size>",
    env: ["INSTEP_OUTPUT_LIMIT"],
    fallback: `${LIMITS.outputTotalBytes / 2 ** 30}GiB`,
    about: "how much of the disk all output may take; the oldest goes first",
  },
  tokenFile: {
    flag: "--token-file <file>",
    env: ["INSTEP_TOKEN_FILE"],
    about: 'who may come in: lines "drive <token>" or "watch <token>"',
  },
  allowHost: {
    flag: "--allow-host <host[:port]>",
    env: ["INSTEP_ALLOW_HOST"],
    about: "another name this server is reached by; may be repeated",
    repeatable: true,
  },
  workflows: {
    flag: "--workflows <folder>",
    env: ["INSTEP_WORKFLOWS"],
    fallback: "workflows",
    about: "definitions that can be started here, YAML files",
  },
  maxConcurrent: {
    flag: "--max-concurrent <number>",
    env: ["INSTEP_MAX_CONCURRENT"],
    fallback: String(DEFAULTS.maxConcurrent),
    about: "how many workflows run in this server at once; the others wait",
  },
  passEnv: {
    flag: "--pass-env <name>",
    env: ["INSTEP_PASS_ENV"],
    about: "a variable of the server's own that commands find, too; may be repeated",
    repeatable: true,
  },
  logLevel: {
    flag: "--log-level <level>",
    env: ["INSTEP_LOG_LEVEL"],
    fallback: "info",
    about: LOG_LEVELS.join(", "),
  },
} as const satisfies Record<string, Setting>;
