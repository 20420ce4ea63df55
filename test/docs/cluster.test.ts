/** docs/cluster.md: its units and its compose file are ones, and its three nodes from zero come up where there is an etcd. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { readStoreAddress } from "../../server/cluster/storeAddress.js";
import { until } from "../support/deadline.js";
import { blocksOfDocument } from "../support/docs/documents.js";
import { hasEtcd } from "../support/etcd/hasEtcd.js";
import { freePort } from "../support/links/freePort.js";
import { call } from "../support/links/rest.js";
import { MAIN } from "../support/servers/builtCommand.js";

const blocks = blocksOfDocument("docs/cluster.md");
const beginning = (words: string) => blocks.find(({ text }) => text.startsWith(words))!;
const units = blocks.filter(({ text }) => text.startsWith("# /etc/systemd/"));

const hasVerify = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe("a unit of systemd in docs/cluster.md", () => {
  for (const { text, place } of units) {
    it(`a unit of systemd has its sections, and names each thing once: ${place}`, () => {
      const lines = text.replaceAll("\\\n", "").split("\n");
      const strange = lines.filter((line) => !/^(|#.*|\[\w+\]|[A-Z]\w+=\S.*)$/.test(line));
      expect(strange).toEqual([]);
      const sections = lines.flatMap((line) => /^\[(\w+)\]$/.exec(line)?.[1] ?? []);
      expect(sections).toEqual(["Unit", "Service", "Install"]);
      const names = lines.flatMap((line) => /^([A-Z]\w+)=/.exec(line)?.[1] ?? []);
      expect(new Set(names).size).toBe(names.length);
    });

    it.skipIf(!hasVerify)(`systemd takes a unit: ${place}`, () => {
      const folder = mkdtempSync(path.join(tmpdir(), "instep-units-"));
      try {
        const file = path.join(folder, path.basename(text.split("\n", 1)[0]!));
        // The programs and users are those of another machine.
        const here = text.replace(/(ExecStart=)\S+/, "$1/bin/true").replace(/^User=.*\n/m, "");
        writeFileSync(file, here);
        const { stderr, status } = spawnSync("systemd-analyze", ["verify", file]);
        expect([status, stderr.toString()]).toEqual([0, ""]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

describe("the compose file of docs/cluster.md", () => {
  it("the compose file has three members and two servers that know each other", () => {
    const { text } = beginning("# compose.yaml");
    const { services, volumes } = parse(text, { merge: true }) as Record<
      string,
      Record<string, { image: string; command: string; volumes: string[] }>
    >;
    expect(Object.keys(services!)).toEqual(["m1", "m2", "m3", "a", "b"]);
    expect(Object.keys(volumes!)).toEqual(Object.keys(services!));
    const members = ["m1", "m2", "m3"];
    for (const [name, { image, command, volumes: mounts }] of Object.entries(services!)) {
      expect([image, mounts[0]]).toEqual([expect.any(String), `${name}:/data`]);
      if (members.includes(name)) {
        const all = /--initial-cluster (\S+)/.exec(command)![1]!.split(",");
        expect(all).toEqual(members.map((member) => `${member}=http://${member}:2380`));
        expect(command).toContain(`--name ${name} `);
        continue;
      }
      const { endpoints } = readStoreAddress(/--store (\S+)/.exec(command)![1]!);
      expect(endpoints).toEqual(members.map((member) => `http://${member}:2379`));
      expect(command).toContain(`--node ${name} --node-url http://${name}:4747 `);
    }
  });
});

describe("three nodes from zero", () => {
  it.skipIf(!hasEtcd)(
    "the lines of docs/cluster.md bring up three nodes that share a workflow",
    async () => {
      const folder = mkdtempSync(path.join(tmpdir(), "instep-zero-"));
      const [peers, clients, servers] = [await freeTens(), await freeTens(), await freeTens()];
      const lines = beginning("# cluster.sh")
        .text.replaceAll(":238", `:${peers}`)
        .replaceAll(":237", `:${clients}`)
        .replaceAll("--port 474", `--port ${servers}`);
      expect(lines.split("\n").length).toBeLessThanOrEqual(12);
      const bin = path.join(folder, "bin");
      mkdirSync(bin);
      writeFileSync(
        path.join(bin, "npx"),
        `#!/bin/sh\nshift\nexec '${process.execPath}' '${MAIN}' "$@"\n`,
      );
      chmodSync(path.join(bin, "npx"), 0o755);
      const child = spawn("bash", ["-c", lines], {
        cwd: folder,
        env: { PATH: `${bin}:${process.env.PATH}`, HOME: folder },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (text) => {
          said += text;
        });
      onTestFinished(async () => {
        // All of it is one group, as in a terminal.
        process.kill(-child.pid!, "SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
        rmSync(folder, { recursive: true, maxRetries: 5 });
      });
      const urls = [1, 2, 3].map((n) => `http://127.0.0.1:${servers}${n}`);
      for (const url of urls) {
        const isReady = async () =>
          (await call(`${url}/readyz`, "GET").catch(() => null))?.status === 200;
        await until(isReady, () => `${url} is ready: ${said}`);
      }
      const body = { workflow_id: "w", steps: [{ action: "one" }] };
      expect((await call(`${urls[0]}/workflow/state`, "POST", { body })).status).toBe(200);
      for (const url of urls)
        await until(
          async () => (await call(`${url}/workflow/state`, "GET")).body.state?.workflow_id === "w",
          `${url} has it`,
        );
    },
  );
});

/** The beginning of a port that is free with 1, 2 or 3 behind it. */
async function freeTens(): Promise<number> {
  for (;;) {
    const tens = Math.floor((await freePort()) / 10);
    if (tens > 1_000 && tens < 6_000) return tens;
  }
}
