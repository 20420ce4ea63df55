import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const SETUP = fileURLToPath(new URL("../../.ci", import.meta.url));

/** Debian asks it before it starts a service. */
const POLICY = "/usr/sbin/policy-rc.d";

/** Stands in for npm: notes how it was called and leaves behind what the real one would. */
const NPM = `#!/bin/sh
echo "$*" >> npm.log
if [ -e fail ]; then echo "npm is not pleased"; exit 3; fi
sleep 0.1
case "$*" in
  ci*) rm -rf node_modules; mkdir node_modules;;
  install*) for node in node22 node24; do
    mkdir -p node_modules/.nodes/node_modules/$node/bin; touch node_modules/.nodes/node_modules/$node/bin/node
  done;;
  *build) mkdir -p dist/server; touch dist/server/main.js;;
esac
`;

describe("the set-up", () => {
  let root: string;
  const file = (name: string) => path.join(root, name);
  const calls = (): string[] => {
    if (!fs.existsSync(file("npm.log"))) return [];
    return fs.readFileSync(file("npm.log"), "utf8").trim().split("\n");
  };
  const env = (): NodeJS.ProcessEnv => ({
    PATH: `${file("bin")}:/usr/bin:/bin`,
    CHROMIUM_PATH: file("bin/npm"),
  });
  const setUp = (goal = "start", more: NodeJS.ProcessEnv = {}) => {
    const options = { env: { ...env(), ...more }, encoding: "utf8" } as const;
    return spawnSync(process.execPath, [file(".ci/setup.mjs"), goal], options);
  };

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(tmpdir(), "instep-setup-"));
    fs.cpSync(SETUP, file(".ci"), { recursive: true });
    for (const folder of ["bin", "server"]) fs.mkdirSync(file(folder));
    fs.writeFileSync(file("bin/npm"), NPM, { mode: 0o755 });
    fs.writeFileSync(file("package.json"), "{}");
    fs.writeFileSync(file("package-lock.json"), "{}");
    fs.writeFileSync(file("server/main.ts"), "first");
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  test("the set-up installs and builds once, and is quiet the second time", () => {
    const first = setUp();
    expect(first).toMatchObject({ status: 0, stdout: "" });
    expect(calls()).toEqual([
      "ci --include=dev --ignore-scripts --no-audit --no-fund",
      "run --silent build",
    ]);
    expect(setUp("test")).toMatchObject({
      status: 0,
      stderr: "Fetching Node 22 and 24 for the tests (only this once)...\n",
    });
    expect(calls()[2]).toMatch(
      /^install .*--ignore-scripts .* node22@npm:node-\w+-\w+@22 node24@npm:node-\w+-\w+@24$/,
    );
    for (const goal of ["start", "test"])
      expect(setUp(goal)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(calls()).toHaveLength(3);
  });

  test("npx finds the command once the set-up is through, also where it was asked for before that", () => {
    const command = file("node_modules/.bin/instep");
    setUp();
    expect(fs.realpathSync(command)).toBe(fs.realpathSync(file("dist/server/main.js")));
    fs.rmSync(file("node_modules"), { recursive: true });
    setUp();
    expect(fs.existsSync(command)).toBe(true);
  });

  test("the set-up goes on without the other versions of Node where they cannot be fetched, and says so", () => {
    setUp();
    fs.writeFileSync(file("fail"), "");
    const { status, stderr } = setUp("test");
    expect(status).toBe(0);
    expect(stderr).toContain("The tests on Node 22 and 24 are left out.");
  });

  test("the set-up builds again when a source changed, was added or taken away", () => {
    setUp();
    for (const change of [
      () => fs.writeFileSync(file("server/main.ts"), "second"),
      () => fs.writeFileSync(file("server/more.ts"), ""),
      () => fs.rmSync(file("server/more.ts")),
    ]) {
      const before = calls().length;
      change();
      setUp();
      expect(calls().slice(before)).toEqual(["run --silent build"]);
    }
  });

  test("the set-up installs again when the lock file changed, or the packages are gone", () => {
    setUp();
    fs.writeFileSync(file("package-lock.json"), '{ "changed": true }');
    setUp();
    expect(calls().filter((call) => call.startsWith("ci"))).toHaveLength(2);
    fs.rmSync(file("node_modules"), { recursive: true });
    setUp();
    expect(calls().filter((call) => call.startsWith("ci"))).toHaveLength(3);
  });

  test("the set-up shows what a failed tool said, says one sentence, and tries again the next time", () => {
    fs.writeFileSync(file("fail"), "");
    const failed = setUp();
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("npm is not pleased");
    expect(failed.stderr).toMatch(/The packages could not be installed: `npm ci .*` ended with 3/);
    fs.rmSync(file("fail"));
    expect(setUp().status).toBe(0);
  });

  test("the set-up goes on with the npm it was started by", () => {
    fs.writeFileSync(
      file("npm-cli.js"),
      `require("node:child_process").spawnSync("npm", process.argv.slice(2), { stdio: "inherit" });
       require("node:fs").writeFileSync("chosen", "");`,
    );
    expect(setUp("start", { npm_execpath: file("npm-cli.js") }).status).toBe(0);
    expect(fs.existsSync(file("chosen"))).toBe(true);
  });

  test("the set-up says which browser is missing", () => {
    const { status, stderr } = setUp("test", { CHROMIUM_PATH: "/nowhere/chromium" });
    expect(status).toBe(1);
    expect(stderr).toContain("CHROMIUM_PATH names /nowhere/chromium, which does not exist");
  });

  test("the set-up installs what is missing for the SSH example, or says what to install", () => {
    setUp("test");
    // The only tool in PATH is an apt-get that notes what it is asked for.
    fs.mkdirSync(file("bare"));
    const apt = '#!/bin/sh\necho "$*" >> apt.log\n';
    fs.writeFileSync(file("bare/apt-get"), apt, { mode: 0o755 });
    const { status, stderr } = setUp("test", { PATH: file("bare") });
    // Looked for outside of PATH as well.
    const proxies = ["nginx", "caddy", "haproxy"].filter(
      (name) => !["/usr/sbin", "/usr/local/sbin"].some((at) => fs.existsSync(`${at}/${name}`)),
    );
    if (process.getuid?.() === 0) {
      expect(stderr).toContain("Installing openssh-client and rsync for the tests");
      expect(fs.readFileSync(file("apt.log"), "utf8")).toBe(
        [
          "update",
          "install -y --no-install-recommends openssh-client rsync",
          "update",
          "install -y --no-install-recommends busybox",
          "update",
          "install -y --no-install-recommends etcd-server etcd-client",
          "update",
          `install -y --no-install-recommends ${proxies.join(" ")}`,
          "update",
          "install -y --no-install-recommends firefox-esr webkit2gtk-driver xvfb",
          "",
        ].join("\n"),
      );
      expect(status).toBe(0);
    } else {
      expect(stderr).toContain("sudo apt-get install openssh-client rsync");
      expect(status).toBe(1);
    }
  });

  test("the set-up goes on without the browsers beside Chromium where they cannot be had, and says so", () => {
    setUp("test");
    fs.mkdirSync(file("bare"));
    const apt = '#!/bin/sh\ncase "$*" in *firefox*) echo "no such package"; exit 100;; esac\n';
    fs.writeFileSync(file("bare/apt-get"), apt, { mode: 0o755 });
    for (const command of ["ssh", "sshd", "rsync"])
      fs.writeFileSync(file(`bare/${command}`), "", { mode: 0o755 });
    const { status, stderr } = setUp("test", { PATH: file("bare") });
    expect(status).toBe(0);
    expect(stderr).toContain(
      "The tests in Firefox and WebKit are left out where these are missing: firefox-esr, webkit2gtk-driver, xvfb",
    );
  });

  test("the set-up goes on without etcd where it cannot be had, says so once, and keeps Debian's service from starting", () => {
    setUp("test");
    fs.mkdirSync(file("bare"));
    const apt = `#!/bin/sh\ncase "$*" in
      *etcd*) [ -x ${POLICY} ] && ${POLICY}; echo "policy $?" >> policy.log; exit 100;;
    esac\n`;
    fs.writeFileSync(file("bare/apt-get"), apt, { mode: 0o755 });
    fs.symlinkSync("/bin/sh", file("bare/sh"));
    for (const command of ["ssh", "sshd", "rsync"])
      fs.writeFileSync(file(`bare/${command}`), "", { mode: 0o755 });
    const hadPolicy = fs.existsSync(POLICY);
    const { status, stderr } = setUp("test", { PATH: file("bare") });
    expect(status).toBe(0);
    const lines = stderr.split("\n");
    expect(
      lines.filter((line) => line.startsWith("The tests with etcd are left out")),
    ).toHaveLength(1);
    if (process.getuid?.() !== 0 || hadPolicy) return;
    expect(fs.readFileSync(file("policy.log"), "utf8")).toBe("policy 101\n");
    expect(fs.existsSync(POLICY)).toBe(false);
  });

  test("two set-ups at once install and build once", async () => {
    const both = [0, 1].map(() =>
      spawn(process.execPath, [file(".ci/setup.mjs"), "start"], { env: env() }),
    );
    expect(await Promise.all(both.map(exitOf))).toEqual([0, 0]);
    expect(calls()).toHaveLength(2);
  });

  test("a set-up that was killed is in nobody's way", () => {
    fs.mkdirSync(file("dist"));
    const gone = spawnSync("true").pid;
    fs.writeFileSync(file("dist/.instep-setup.lock"), String(gone));
    expect(setUp().status).toBe(0);
    expect(fs.readdirSync(file("dist"))).not.toContain(".instep-setup.lock");
  });

  test("the set-up needs to be told what for", () => {
    expect(setUp("everything")).toMatchObject({ status: 1 });
    expect(calls()).toEqual([]);
  });
});

const exitOf = async (child: ChildProcess): Promise<number> => (await once(child, "exit"))[0];
