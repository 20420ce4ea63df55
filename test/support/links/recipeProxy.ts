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
  /** The same, with TLS and HTTP/2. */
  withTls(port: number, certificate: Certificate): string;
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
    withTls: (port, { cert, key }) =>
      `listen 127.0.0.1:${port} ssl http2; ssl_certificate ${cert}; ssl_certificate_key ${key};`,
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
    withTls: (port, { cert, key }) => `https://:${port} {\n\tbind 127.0.0.1\n\ttls ${cert} ${key}`,
    around: (recipe) => `{\n\tadmin off\n\tauto_https off\n}\n${recipe}`,
    start: (file) => ["run", "--adapter", "caddyfile", "--config", file],
    stop: "SIGKILL",
  },
  haproxy: {
    recipe: "haproxy.cfg",
    version: ["-v"],
    place: /bind :80$/gm,
    at: (port) => `bind 127.0.0.1:${port}`,
    withTls: (port, { both }) => `bind 127.0.0.1:${port} ssl crt ${both} alpn h2,http/1.1`,
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

/** The files of a certificate in PEM; `both` has the key, too. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly both: string;
}

/** One for these names that vouches for itself, in files of that folder. */
export function selfSigned(folder: string, names: readonly string[]): Certificate {
  const [cert, key, both] = ["cert.pem", "key.pem", "both.pem"].map((file) =>
    join(folder, file),
  ) as [string, string, string];
  const subject = ["-subj", `/CN=${names[0]}`];
  const others = ["-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const files = ["-keyout", key, "-out", cert, "-days", "30"];
  const { status, stderr } = spawnSync("openssl", [
    "req",
    ...kind,
    ...files,
    ...subject,
    ...others,
  ]);
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
  writeFileSync(both, readFileSync(cert, "utf8") + readFileSync(key, "utf8"));
  return { cert, key, both };
}

export interface RecipeProxy {
  /** In the order of the recipe. */
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/** Instep at `root` takes the place of the recipe's port 4747, the one below a base path that of 4748. With a `certificate` it takes TLS alone. */
export async function startRecipeProxy(
  kind: ProxyKind,
  folder: string,
  { root, below }: { readonly root: number; readonly below: number },
  certificate: Certificate | null = null,
): Promise<RecipeProxy> {
  const { recipe, place, at, withTls, around, start, stop } = KNOWN[kind];
  const listening = (port: number) => (certificate ? withTls(port, certificate) : at(port));
  const text = readFileSync(
    new URL(`../../../examples/proxies/${recipe}`, import.meta.url),
    "utf8",
  );
  for (let tries = 1; ; tries++) {
    const ports: number[] = [];
    for (const _ of text.match(place) ?? []) ports.push(await freePort());
    let next = 0;
    const placed = text
      .replace(place, () => listening(ports[next++]!))
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
