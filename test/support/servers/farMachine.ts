/** Another machine for kept commands: a real sshd with a home of its own, a link to it that can be cut, and the links of one server after the other. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { allProcesses, isRunning } from "../../../server/machine/processes.js";
import { startFarKeeper, takeUpFarKeeper } from "../../../server/runner/keeper/far/farKeeper.js";
import { FarLinks } from "../../../server/runner/keeper/far/farLinks.js";
import type { FarStart } from "../../../server/runner/keeper/far/farStart.js";
import {
  type Keeper,
  type LinkNews,
  SPOOL_BEGIN,
  type SpoolPlace,
} from "../../../server/runner/keeper/keeper.js";
import type { FarConnection } from "../../../server/runner/keeper/keptJob.js";
import { type Clock, systemClock } from "../../../shared/clock.js";
import { until } from "../deadline.js";
import { folderTest } from "../disks/temporaryFolder.js";
import { TcpProxy } from "../links/tcpProxy.js";
import { SshServer } from "./sshServer.js";

export interface FarMachine {
  readonly ssh: SshServer;
  /** Leads to it, and can be cut. */
  readonly link: TcpProxy;
  readonly home: string;
  readonly connection: FarConnection;
  /** The links of one more process of the same server. */
  links(clock?: Clock): FarLinks;
  /** A command for `sh`, in a folder of its own on this side. */
  start(script: string, more?: Partial<FarStart>, links?: FarLinks): FarRun;
  /** A pipe in the home folder there, at which a command can wait. */
  fifo(name: string): void;
  /** Lets it go on. */
  fill(name: string, text: string): void;
  /** Nobody knows its host key any more. */
  forgetHost(): void;
  /** What is in ~/.instep there. */
  kept(): readonly string[];
  /** But for what the links there need. A removal is waited for by nobody for longer than a moment, and goes on behind that. */
  untilNothingKept(): Promise<unknown>;
  /** The processes with that text in their arguments. */
  processesWith(text: string): readonly number[];
}

export interface FarRun {
  readonly keeper: Keeper;
  readonly mark: string;
  /** All news of its link, newest last. */
  readonly news: LinkNews[];
  /** By another process of the server. */
  takenUp(links: FarLinks): Keeper;
}

export const farTest = folderTest.extend<{ machine: FarMachine }>({
  machine: async ({ folder }, use) => withFarMachine(folder, use),
});

/** In a folder that is the test's own; everything is closed once `use` has resolved. */
export async function withFarMachine(
  folder: string,
  use: (machine: FarMachine) => Promise<void>,
): Promise<void> {
  const home = join(folder, "far-home");
  mkdirSync(home);
  const ssh = await SshServer.start(join(folder, "sshd"), home);
  const link = await TcpProxy.start();
  link.leadTo(ssh.port);
  const knownHosts = join(folder, "known hosts");
  writeFileSync(knownHosts, ssh.knownAs(link.port));
  const connection = {
    ...{ host: "127.0.0.1", port: link.port, user: ssh.user },
    ...{ identityFile: ssh.identityFile, knownHosts },
  };
  const all: FarLinks[] = [];
  const links = (clock = systemClock) => {
    const leftovers = join(folder, "far-leftovers.json");
    const env = { PATH: process.env.PATH };
    all.push(new FarLinks({ clock, chance: () => 0, env, leftovers }));
    return all.at(-1)!;
  };
  const kept = () => {
    try {
      return readdirSync(join(home, ".instep"));
    } catch {
      return [];
    }
  };
  await use({
    ...{ ssh, link, home, connection, links },
    start: (script, more = {}, tools = all[0] ?? links()) => {
      const own = join(folder, randomBytes(16).toString("hex"));
      mkdirSync(own);
      const mark = `INSTEP_RUN=${randomBytes(8).toString("hex")}`;
      const env = { INSTEP_RUN: mark.slice("INSTEP_RUN=".length), ...more.env };
      const start = { argv: ["/bin/sh", "-c", script], mark, ...more, env };
      const keeper = startFarKeeper(own, connection, start, { links: tools });
      const news: LinkNews[] = [];
      keeper.onLink!((one) => news.push(one));
      const takenUp = (by: FarLinks) => takeUpFarKeeper(own, connection, { links: by });
      return { keeper, mark, news, takenUp };
    },
    fifo: (name) => void execFileSync("mkfifo", [join(home, name)]),
    fill: (name, text) => writeFileSync(join(home, name), text),
    forgetHost: () => writeFileSync(knownHosts, ""),
    kept,
    untilNothingKept: () =>
      until(
        () => kept().every((name) => name.startsWith("link.")),
        () => `nothing is kept: ${kept().join(", ")}`,
      ),
    processesWith,
  });
  await Promise.all(all.map((one) => one.close()));
  await link.close();
  await ssh.stop();
}

/** Everything that a command prints from there on, and how many bytes of it were left out. */
export async function readAll(
  keeper: Keeper,
  from: SpoolPlace = SPOOL_BEGIN,
): Promise<{ readonly bytes: Buffer; readonly leftOut: number }> {
  const pieces: Buffer[] = [];
  let leftOut = 0;
  let place = from;
  for (;;) {
    const piece = await keeper.read(place, 64 * 1024, new AbortController().signal);
    if (piece === null) return { bytes: Buffer.concat(pieces), leftOut };
    pieces.push(Buffer.from(piece.bytes));
    leftOut += piece.leftOut;
    if (piece.next.segment !== place.segment) void keeper.release(piece.next);
    place = piece.next;
  }
}

function processesWith(text: string): readonly number[] {
  return (allProcesses() ?? [])
    .filter(isRunning)
    .map(({ pid }) => pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text);
      } catch {
        return false; // It has ended.
      }
    });
}
