/** A real sshd on loopback, for whoever runs the tests: keys of its own, a home of its own, gone with the test. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { allProcesses } from "../../../server/machine/processes.js";
import { until } from "../deadline.js";
import { freePort } from "../links/freePort.js";
import { parentOf } from "./processes.js";

export class SshServer {
  readonly port: number;
  /** The private key it lets in. */
  readonly identityFile: string;
  readonly user = userInfo().username;
  readonly #folder: string;
  #process: ChildProcess | null = null;
  #log = "";

  /** The home folder of whoever comes in: another one than ours, as on another machine. */
  readonly home: string | null;

  /** In a folder that is the test's own. With `home` those who come in have that one. */
  static async start(folder: string, home: string | null = null): Promise<SshServer> {
    const server = new SshServer(folder, await freePort(), home);
    server.#write();
    try {
      await server.#start();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  private constructor(folder: string, port: number, home: string | null) {
    this.#folder = folder;
    this.home = home;
    this.port = port;
    this.identityFile = join(folder, "id_ed25519");
  }

  /** As ssh-keygen shows it. */
  get fingerprint(): string {
    const shown = execFileSync("ssh-keygen", ["-l", "-f", `${this.#hostKey}.pub`]);
    return shown.toString().split(" ")[1]!;
  }

  /** What the server said, newest last. */
  get log(): string {
    return this.#log;
  }

  /** The same place with another host key, as after a new installation, or with somebody in between. */
  async changeHostKey(): Promise<void> {
    await this.stop();
    rmSync(this.#hostKey);
    generateKey(this.#hostKey);
    await this.#start();
  }

  /** A line of a file of known hosts. */
  knownAs(port: number): string {
    const [type, key] = readFileSync(`${this.#hostKey}.pub`, "utf8").split(" ");
    return `[127.0.0.1]:${port} ${type} ${key}\n`;
  }

  /** Nobody gets in any more. */
  forgetKeys(): void {
    writeFileSync(join(this.#folder, "authorized_keys"), "");
  }

  /** Those who were forgotten get in again. */
  takeKeys(): void {
    const authorized = join(this.#folder, "authorized_keys");
    writeFileSync(authorized, readFileSync(`${this.identityFile}.pub`));
  }

  /** The processes in which it serves those who came in, oldest first. */
  sessions(): readonly number[] {
    const own = this.#process?.pid;
    return (allProcesses() ?? [])
      .filter(({ pid }) => own !== undefined && parentOf(pid) === own)
      .map(({ pid }) => pid);
  }

  /** The same place, begun anew. Those who are in stay in. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#start();
  }

  /** How many have come in since it began. */
  get logins(): number {
    return this.#log.split("Accepted publickey").length - 1;
  }

  /** May be called again. */
  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running?.pid === undefined) return;
    if (running.exitCode !== null || running.signalCode !== null) return;
    running.kill("SIGTERM");
    await once(running, "exit");
  }

  get #hostKey(): string {
    return join(this.#folder, "host_key");
  }

  #write(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    generateKey(this.#hostKey);
    generateKey(this.identityFile);
    this.takeKeys();
    const authorized = join(this.#folder, "authorized_keys");
    const settings = [
      `Port ${this.port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${this.#hostKey}`,
      `AuthorizedKeysFile ${authorized}`,
      "PidFile none",
      "UsePAM no",
      // The temporary folder is everybody's, and that is all right here.
      "StrictModes no",
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "MaxStartups 100",
      "PrintMotd no",
      ...(this.home === null ? [] : [`SetEnv HOME=${this.home}`]),
    ];
    writeFileSync(join(this.#folder, "sshd_config"), `${settings.join("\n")}\n`);
  }

  async #start(): Promise<void> {
    // Where root separates privileges into; on Debian it is made when the service starts, which it does not.
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    const child = spawn(sshdPath(), ["-D", "-e", "-f", join(this.#folder, "sshd_config")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    this.#log = "";
    child.stderr.on("data", (chunk) => {
      this.#log += chunk;
    });
    let failure: Error | null = null;
    child.on("error", (error) => {
      failure = error;
    });
    await until(
      () => {
        if (failure) throw failure;
        if (child.exitCode !== null) throw new Error(`sshd did not start: ${this.#log}`);
        return this.#log.includes("Server listening on");
      },
      () => `sshd listens: ${this.#log}`,
    );
  }
}

const generateKey = (file: string) =>
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file]);

/** sshd wants to be called by its whole path, which is not on everybody's PATH. */
function sshdPath(): string {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  const found = folders.map((folder) => join(folder, "sshd")).find((file) => existsSync(file));
  if (found === undefined) throw new Error("there is no sshd: node .ci/setup.mjs test");
  return found;
}
