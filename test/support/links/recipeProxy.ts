/** A proxy of Debian with one of the recipes in examples/proxies/, at ports of its own, all of its files in a folder of the test. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { until } from "../deadline.js";
import { freePort } from "./freePort.js";

export const KINDS = ["nginx", "caddy", "haproxy"] as const;
export type ProxyKind = (typeof KINDS)[number];

/** Where a program is that lies on the PATH of root alone. */
const SYSTEM_PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
/** Between the look for a free port and the start, somebody else may take it. */
const TRIES = 3;

interface Kind {
  readonly recipe: string;
  readonly version: readonly string[];
  /** Where the recipe says where it listens, once for each place. */
  readonly place: RegExp;
  at(port: number): string;
  /** The whole file that it is started with. */
  around(recipe: string, folder: string): string;
  start(file: string): readonly string[];
  readonly stop: NodeJS.Signals;
}

const KNOWN: Readonly<Record<ProxyKind, Kind>> = {
  nginx: {
    recipe: "nginx.conf",
    version: ["-v"],
    place: /listen 80;/g,
    at: (port) => `listen 127.0.0.1:${port};`,
    around: (recipe, folder) => {
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (name) => `${name}_temp_path ${join(folder, name)};`,
      );
      return [
        ...[`user ${userInfo().username};`, "daemon off;", "worker_processes 1;"],
        ...[`pid ${join(folder, "pid")};`, "error_log stderr;", "events {}"],
        ...["http {", "access_log off;", ...temporary, recipe, "}", ""],
      ].join("\n");
    },
    start: (file) => ["-c", file, "-e", "stderr"],
    stop: "SIGTERM",
  },
  caddy: {
    recipe: "Caddyfile",
    version: ["version"],
    place: /^\w+\.example\.com \{/gm,
    at: (port) => `http://:${port} {\n\tbind 127.0.0.1`,
    around: (recipe) => `{\n\tadmin off\n\tauto_https off\n}\n${recipe}`,
    start: (file) => ["run", "--adapter", "caddyfile", "--config", file],
    stop: "SIGKILL",
  },
  haproxy: {
    recipe: "haproxy.cfg",
    version: ["-v"],
    place: /bind :80$/gm,
    at: (port) => `bind 127.0.0.1:${port}`,
    around: (recipe) => recipe,
    start: (file) => ["-db", "-f", file],
    stop: "SIGKILL",
  },
};

/** Whether this machine has it. Says so on the terminal where it is missing, so that nobody takes a skipped test for a passed one. */
export function hasProxy(kind: ProxyKind): boolean {
  const env = { ...process.env, PATH: SYSTEM_PATH };
  const isThere = spawnSync(kind, KNOWN[kind].version, { env }).status === 0;
  if (!isThere)
    process.stderr.write(`skipped: what needs ${kind} (Debian: apt-get install ${kind})\n`);
  return isThere;
}

export interface RecipeProxy {
  /** In the order of the recipe. */
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/** Instep at `root` takes the place of the recipe's port 4747, the one below a base path that of 4748. */
export async function startRecipeProxy(
  kind: ProxyKind,
  folder: string,
  { root, below }: { readonly root: number; readonly below: number },
): Promise<RecipeProxy> {
  const { recipe, place, at, around, start, stop } = KNOWN[kind];
  const text = readFileSync(
    new URL(`../../../examples/proxies/${recipe}`, import.meta.url),
    "utf8",
  );
  for (let tries = 1; ; tries++) {
    const ports: number[] = [];
    for (const _ of text.match(place) ?? []) ports.push(await freePort());
    let next = 0;
    const placed = text
      .replace(place, () => at(ports[next++]!))
      .replaceAll("127.0.0.1:4747", `127.0.0.1:${root}`)
      .replaceAll("127.0.0.1:4748", `127.0.0.1:${below}`);
    const file = join(folder, `proxy-${tries}`);
    writeFileSync(file, around(placed, folder));
    const env = { PATH: SYSTEM_PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    const child = spawn(kind, start(file), {
      cwd: folder,
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr?.on("data", (piece) => {
      said = (said + piece).slice(-4_000);
    });
    const end = once(child, "exit");
    const isUp = await until(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) return "ended";
        const open = await Promise.all(ports.map(answers));
        return open.every(Boolean) && "up";
      },
      () => `${kind} listens: ${said}`,
    );
    if (isUp === "up") return { ports, stop: () => stopped(child, stop, end) };
    if (tries === TRIES) throw new Error(`${kind} does not start: ${said}`);
  }
}

async function stopped(child: ChildProcess, signal: NodeJS.Signals, end: Promise<unknown>) {
  child.kill(signal);
  await end;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
