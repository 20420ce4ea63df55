/** The one way in which ssh is called for the runner's own links, and sentences for the ways in which that fails. Pure. */
import { begun } from "../../../../../shared/text/shortened.js";
import type { FarConnection } from "../../keptJob.js";

export interface LinkFailure {
  /** Refused: trying again helps only once somebody has changed something, here or there. */
  readonly kind: "refused" | "broken";
  /** A sentence without its end, about the machine. */
  readonly why: string;
}

/** Its user's ~/.ssh/config is not read, so that nothing in there can surprise, and nothing is ever asked. */
export function sshArguments(connection: FarConnection, command: string): readonly string[] {
  const { host, port, user, identityFile, knownHosts } = connection;
  return [
    ...["-F", "none", "-T", "-a", "-x", "-p", String(port)],
    ...OPTIONS.flatMap((option) => ["-o", option]),
    ...["-o", `UserKnownHostsFile=${inQuotes(knownHosts)}`],
    ...(identityFile === undefined ? [] : ["-i", identityFile, "-o", "IdentitiesOnly=yes"]),
    ...(user === "" ? [] : ["-l", user]),
    ...["--", host.toLowerCase(), command],
  ];
}

const OPTIONS = [
  "BatchMode=yes",
  "StrictHostKeyChecking=yes",
  "GlobalKnownHostsFile=/dev/null",
  "UpdateHostKeys=no",
  "CheckHostIP=no",
  "ClearAllForwardings=yes",
  "ProxyCommand=none",
  "PermitLocalCommand=no",
  "ControlMaster=no",
  "ControlPath=none",
  "LogLevel=INFO",
  "ConnectTimeout=10",
  // Packets that are lost in silence are noticed within 20 s.
  "ServerAliveInterval=5",
  "ServerAliveCountMax=3",
];

/** A list of files is taken apart at spaces, and `%` means something. */
const inQuotes = (file: string): string =>
  `"${file.replaceAll("%", "%%").replace(/["\\]/g, "\\$&")}"`;

/** `box, port 2222`. */
export const placeOf = ({ host, port }: FarConnection): string => `${host}, port ${port}`;

/** The reason of a link that is gone, by what ssh wrote. `wasThere`: there was a link, and it broke. */
export function failureOf(
  connection: FarConnection,
  said: string,
  wasThere: boolean,
  exitCode: number | null = SSH_FAILED,
): LinkFailure {
  const broken = (why: string): LinkFailure => ({ kind: "broken", why });
  if (!wasThere) {
    const why = refusalOf(connection, said);
    if (why !== null) return { kind: "refused", why };
    const place = placeOf(connection);
    // It let us in, then: this is the code of the shell over there.
    if (exitCode !== null && exitCode !== SSH_FAILED)
      return broken(
        `${place}, lets us in and ends at once (exit code ${exitCode}): look at the login's start files there`,
      );
    if (/Connection refused/.test(said)) return broken(`nothing listens on ${place}`);
    if (/timed out|No route to host|Network is unreachable|banner exchange/.test(said))
      return broken(`${place}, does not answer`);
  }
  if (/Timeout, server|timed out/.test(said)) return broken(`${connection.host} fell silent`);
  const last = said.trim().split(/\r?\n/).at(-1) ?? "";
  const words = last.replace(/\p{Cc}+/gu, " ").trim();
  const broke = wasThere ? "the link broke" : "there was no link";
  return broken(words === "" ? broke : `${broke}: ${begun(words, MOST_WORDS)}`);
}

const MOST_WORDS = 200;
/** The code that ssh has for itself. */
const SSH_FAILED = 255;

function refusalOf(connection: FarConnection, said: string): string | null {
  const { host, port, user, identityFile, knownHosts } = connection;
  const place = placeOf(connection);
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  if (/IDENTIFICATION HAS CHANGED/.test(said)) {
    const offered = /SHA256:[A-Za-z0-9+/=]+/.exec(said)?.[0];
    const shown = offered === undefined ? "" : ` (${offered})`;
    return `${place}, shows another host key${shown} than the one that is kept: somebody may stand in between. Only if you know that the machine was set up anew, remove the kept key (ssh-keygen -R '${name}' -f '${knownHosts}')`;
  }
  if (/Host key verification failed|host key is known/.test(said))
    return `the host key of ${place}, is not known yet: compare it with what your provider shows, and keep it in ${knownHosts} (ssh-keyscan -p ${port} ${host} shows it)`;
  if (/Permission denied|Too many authentication failures/.test(said)) {
    const who = user === "" ? "this user" : user;
    const key =
      identityFile === undefined
        ? "no key of the agent and no usual one was accepted"
        : `the key ${identityFile} was not accepted`;
    return `${place}, does not let ${who} in: ${key}`;
  }
  if (/Name or service not known|nodename nor servname|No address associated/.test(said))
    return `no machine is known by the name ${host}`;
  return null;
}

/** Where there is no ssh at all. */
export const NO_SSH: LinkFailure = {
  kind: "refused",
  why: "ssh is missing on the server: install it there (Debian: openssh-client)",
};
