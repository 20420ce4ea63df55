/** The variables a command finds. Values go in here and nowhere else: never into the text of a command. */
import type { Fields, FieldValues } from "../../../shared/fields/fields.js";
import { formatSshConnection, parseSshConnection } from "../../../shared/fields/sshConnection.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that a login has; everything else of the server's own environment is not the commands' business. */
const ALLOWED = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TMPDIR",
  "SSH_AUTH_SOCK",
  "SSH_AGENT_PID",
  "XDG_RUNTIME_DIR",
]);

/** Whether it gets through wherever it is set. */
export const isPassedAlways = (name: string): boolean =>
  ALLOWED.has(name) || name.startsWith("LC_");

/** `passed` names further ones: each is there, undefined where it is not set. */
export function commandEnvironment(own: Environment, passed: readonly string[] = []): Environment {
  const names = [...Object.keys(own).filter(isPassedAlways), ...passed];
  return Object.fromEntries(names.map((name) => [name, own[name]]));
}

/** For a program that prints to a terminal, and whose pager nobody could turn the pages of. Each only where it is not set. */
export const withTerminal = (env: Environment): Environment => ({
  ...env,
  TERM: env.TERM ?? "xterm-256color",
  COLUMNS: env.COLUMNS ?? "80",
  LINES: env.LINES ?? "24",
  PAGER: env.PAGER ?? "cat",
});

/** For programs that nobody watches at a terminal: no signs that steer one, and Python's lines as they are printed. Each only where it is not set. */
export const withDefaults = (env: Environment): Environment => ({
  ...env,
  TERM: env.TERM ?? "dumb",
  PYTHONUNBUFFERED: env.PYTHONUNBUFFERED ?? "1",
});

/** `INPUT_HOST` and so on; a connection also in its parts. */
export function valueVariables(
  prefix: "INPUT" | "ANSWER",
  values: FieldValues,
  fields: Fields = {},
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const variable = `${prefix}_${name.toUpperCase()}`;
    variables[variable] = String(value);
    if (fields[name]?.type !== "ssh") continue;
    const parsed = parseSshConnection(String(value));
    if (!parsed.ok) continue;
    const { host, port, user } = parsed.connection;
    variables[variable] = formatSshConnection(parsed.connection);
    variables[`${variable}_HOST`] = host;
    variables[`${variable}_PORT`] = String(port);
    variables[`${variable}_USER`] = user ?? "";
  }
  return variables;
}
