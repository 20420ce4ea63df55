/** Reads the settings of `instep serve` out of flags and the environment. A flag wins over the environment. */
import { statSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { DEFAULTS, type Limits } from "../shared/limits.js";
import { parseBytes } from "./byteSize.js";
import { readTokenFile, type Token } from "./cli/tokenFile.js";
import { parseDuration } from "./duration.js";
import { SettingError } from "./settingError.js";
import { LOG_LEVELS, type LogLevel, SETTINGS, type Setting } from "./settings.js";
import { checkVariables, type Environment } from "./variables.js";

export interface ServeSettings {
  readonly port: number;
  readonly host: string;
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
  /** Absolute; need not be there unless somebody named it. */
  readonly workflowsDir: string;
  readonly maxConcurrent: number;
  /** Names of variables of our own that commands find, too. */
  readonly passEnv: readonly string[];
  readonly logLevel: LogLevel;
}

/** What the command line gave, by its long name in camel case; repeatable flags as lists. */
export type Flags = Readonly<Record<string, string | readonly string[] | undefined>>;

const shown = (value: unknown) => JSON.stringify(value);

const wholeNumber = (most: number, least = 0) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) <= most && Number(text) >= least, {
      error: (issue) =>
        `must be a whole number from ${least} to ${most}, not ${shown(issue.input)}`,
    })
    .transform(Number);

const parsedBy = (parse: (text: string) => number) =>
  z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
      return z.NEVER;
    }
  });

const Duration = parsedBy(parseDuration);
/** Less would leave out what was printed a moment ago. */
const OutputLimit = parsedBy((text) => parseBytes(text, 16 * 2 ** 20));

const Host = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[0-9a-fA-F:.]+|[A-Za-z0-9.-]+)$/, {
    error: (issue) => `must be an address or a host name without a port, not ${shown(issue.input)}`,
  })
  .transform((host) => host.replace(/^\[|\]$/g, ""));

const Folder = z.string().min(1, "must not be empty");

const AllowedHost = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/, {
  error: (issue) => `must be HOST or HOST:PORT, not ${shown(issue.input)}`,
});

const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  error: (issue) => `must be the name of a variable, not ${shown(issue.input)}`,
});

const LogLevelName = z.enum(LOG_LEVELS, {
  error: (issue) => `must be one of ${LOG_LEVELS.join(", ")}, not ${shown(issue.input)}`,
});

type SettingName = keyof typeof SETTINGS;

/** Throws SettingError for the first setting that cannot be used. */
export function readServeSettings(flags: Flags, env: Environment, cwd: string): ServeSettings {
  checkVariables(env);
  const from = <T>(name: SettingName, schema: z.ZodType<T, string>) =>
    parse(schema, find(name, flags, env));

  const tokenFile = find("tokenFile", flags, env);
  const settings: ServeSettings = {
    port: from("port", wholeNumber(65_535)),
    host: from("host", Host),
    dataDir: path.resolve(cwd, from("dataDir", Folder)),
    clearAfterMs: from("clearAfter", Duration),
    history: from("history", wholeNumber(1_000_000)),
    silentAfterMs: from("silentAfter", Duration),
    limits: { outputTotalBytes: from("outputLimit", OutputLimit) },
    tokens: tokenFile ? tokensOf(tokenFile, cwd) : [],
    tokenFile: tokenFile ? path.resolve(cwd, tokenFile.value) : null,
    allowedHosts: several("allowHost", AllowedHost, flags, env).map((host) => host.toLowerCase()),
    workflowsDir: workflowsDir(find("workflows", flags, env)!, cwd),
    maxConcurrent: from("maxConcurrent", wholeNumber(1_000, 1)),
    passEnv: several("passEnv", VariableName, flags, env),
    logLevel: from("logLevel", LogLevelName),
  };
  if (!isLoopback(settings.host) && settings.tokens.length === 0) {
    throw new SettingError(
      `${find("host", flags, env)?.source}: ${settings.host} can be reached from other machines, so a token is needed: give --token-file, or listen on ${DEFAULTS.host}.`,
    );
  }
  return settings;
}

/** `INSTEP_DATA_DIR` and its flag, which `instep run` shares. */
export function readDataDir(flags: Flags, env: Environment, cwd: string): string {
  return path.resolve(cwd, parse(Folder, find("dataDir", flags, env)));
}

/** A port given by flag only: the port in the environment is the server's, and it may be running. */
export function readFreePort(flag: string | undefined): number {
  return parse(wholeNumber(65_535), { source: "--port", value: flag ?? "0" });
}

interface Found {
  readonly source: string;
  readonly value: string;
}

function find(name: SettingName, flags: Flags, env: Environment): Found | undefined {
  const setting: Setting = SETTINGS[name];
  const given = flags[name];
  if (typeof given === "string") return { source: setting.flag.split(" ")[0]!, value: given };
  // An empty variable counts as not set: that is how shells and unit files "unset" one.
  const variable = setting.env.find((candidate) => env[candidate]);
  if (variable) return { source: variable, value: env[variable]! };
  if (setting.fallback === undefined) return undefined;
  return { source: setting.flag.split(" ")[0]!, value: setting.fallback };
}

function parse<T>(schema: z.ZodType<T, string>, found: Found | undefined): T {
  const parsed = schema.safeParse(found?.value);
  if (parsed.success) return parsed.data;
  throw new SettingError(`${found?.source}: ${parsed.error.issues[0]?.message}`);
}

function tokensOf(found: Found, cwd: string): Token[] {
  try {
    return readTokenFile(path.resolve(cwd, found.value));
  } catch (error) {
    throw new SettingError(`${found.source}: ${(error as Error).message}`);
  }
}

/** Of a setting that may be repeated: flags, or a variable with commas. */
function several<T>(
  name: "allowHost" | "passEnv",
  schema: z.ZodType<T, string>,
  flags: Flags,
  env: Environment,
): T[] {
  const { flag, env: variables } = SETTINGS[name];
  const given = flags[name];
  const variable = variables[0];
  const source = given ? flag.split(" ")[0]! : variable;
  const values = given ? [given].flat() : (env[variable] ?? "").split(",");
  return values
    .map((value) => value.trim())
    .filter((value) => value !== "")
    .map((value) => parse(schema, { source, value }));
}

/** The usual one may come later, or never; one that somebody named and that is not there is a mistake. */
function workflowsDir(found: Found, cwd: string): string {
  const folder = path.resolve(cwd, parse(Folder, found));
  const isUsual = found.value === SETTINGS.workflows.fallback;
  if (isUsual || statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new SettingError(`${found.source}: there is no folder ${folder}`);
}

/** Addresses only this machine reaches. A name other than localhost may lead anywhere. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
