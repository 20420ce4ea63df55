/** The SSH example as it is delivered (`examples/gpu-setup.yaml`), a machine for it, and a link between them that can be cut. */
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { TcpProxy } from "../links/tcpProxy.js";
import { type RunnerWorld, runnerTest } from "./runnerWorld.js";
import { SshServer } from "./sshServer.js";

export const EXAMPLES = fileURLToPath(new URL("../../../examples", import.meta.url));

export interface Machine {
  readonly world: RunnerWorld;
  readonly ssh: SshServer;
  /** Leads to it, and can be cut. */
  readonly link: TcpProxy;
  /** What is copied, and where it arrives. */
  readonly source: string;
  readonly copy: string;
  start(inputs?: object, more?: object): Promise<string>;
  /** Answers the question about the host key. */
  answer(id: string, trust: boolean): Promise<WorkflowState>;
  /** The keys that are kept. */
  knownHosts(): string;
}

export const sshTest = runnerTest.extend<{ machine: Machine }>({
  machine: async ({ runnerWorld, folder }, use) => {
    const ssh = await SshServer.start(join(folder, "sshd"));
    const link = await TcpProxy.start();
    link.leadTo(ssh.port);
    const world = await runnerWorld({ workflowsDir: EXAMPLES });
    const source = join(folder, "a source: with 'odd' names");
    const copy = join(folder, "copy");
    makeTree(source);
    const connection = `ssh -p ${link.port} ${ssh.user}@127.0.0.1`;
    const standard = {
      ssh_connection: connection,
      identity_file: ssh.identityFile,
      source,
      folder: copy,
    };
    await use({
      world,
      ssh,
      link,
      source,
      copy,
      start: (inputs = {}, more = {}) =>
        world.start("gpu-setup", { inputs: { ...standard, ...inputs }, ...more }),
      answer: async (id, trust) => {
        const asked = await world.until(id, isBlocked);
        const answer = { workflow_id: id, answer: { trust }, question: asked.block_info?.id };
        expect(await world.command("answer", answer)).toMatchObject({ status: 200 });
        return asked;
      },
      knownHosts: () => {
        const file = join(world.server.dataDir, "private", "known_hosts");
        return existsSync(file) ? readFileSync(file, "utf8") : "";
      },
    });
    await link.close();
    await ssh.stop();
  },
});

export const isBlocked = ({ status }: WorkflowState) => status === "blocked";

/** Small, with names that a careless script stumbles over. */
export function makeTree(root: string): void {
  mkdirSync(join(root, "models", "empty"), { recursive: true });
  writeFileSync(join(root, "README"), "hello\n");
  writeFileSync(join(root, "models", "-weights.bin"), randomBytes(200_000));
  writeFileSync(join(root, "models", "ünïcode \t'quoted' $(name)"), "x");
  symlinkSync("README", join(root, "link"));
}

/** Every path with its content. */
export function treeOf(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true });
  const entries = paths.map((entry) => {
    const file = join(entry.parentPath, entry.name);
    const content = entry.isFile()
      ? readFileSync(file, "base64")
      : entry.isSymbolicLink()
        ? "→"
        : "/";
    return [file.slice(root.length), content];
  });
  return Object.fromEntries(entries.sort());
}
