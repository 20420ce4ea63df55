import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";
import { describe, expect } from "vitest";
import { until } from "../../../support/deadline.js";
import { cliTest } from "../../../support/servers/builtCommand.js";
import { commandTest } from "../../../support/servers/commandHere.js";

describe("instep serve", () => {
  cliTest("prints the page, the folder, and a curl line that works", async ({ serve, folder }) => {
    const { url, process } = await serve("--data-dir", "data");
    const curl = /curl -X POST (\S+) -H 'Content-Type: application\/json' -d '(.*)'\n/;
    const [, address, body] = await process.until(curl);
    expect(process.stdout()).toContain(`Data         ${path.join(folder, "data")}\n`);
    expect(address).toBe(`${url}/workflow/state`);
    const headers = { "Content-Type": "application/json" };
    const saved = await fetch(address!, { method: "POST", headers, body: body! });
    expect(await saved.json()).toMatchObject({ success: true });
  });

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    cliTest(
      `instep serve ends in order on ${signal}, and gives the folder back`,
      async ({ serve, folder }) => {
        const { process } = await serve("--data-dir", "data");
        process.signal(signal);
        expect(await process.exitCode).toBe(0);
        expect(existsSync(path.join(folder, "data", "instep.lock"))).toBe(false);
      },
    );
  }

  cliTest("instep serve ends at once on a second signal", async ({ serve }) => {
    const { url, process } = await serve();
    // A request that never ends keeps the first goodbye waiting.
    const slow = connect(Number(new URL(url).port), "127.0.0.1");
    slow.on("error", () => {});
    await once(slow, "connect");
    const { host } = new URL(url);
    slow.write(
      `POST /workflow/state HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    );
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });

    process.signal("SIGTERM");
    await process.until(/stopping/);
    expect(await process.insist("SIGTERM")).toBe(128 + 15);
    slow.destroy();
  });

  cliTest(
    "instep serve writes its log as JSON to stderr, and nothing of it to stdout",
    async ({ serve }) => {
      const { process } = await serve();
      process.signal("SIGTERM");
      await process.exitCode;
      const records = process.stderr().trimEnd().split("\n");
      expect(records.map((record) => JSON.parse(record).msg)).toEqual([
        "started",
        "stopping",
        "stopped",
      ]);
      expect(process.stdout()).not.toContain("stopping");
    },
  );

  cliTest(
    "instep serve on a folder that has a server names that server's pid",
    async ({ serve, instep }) => {
      const { process } = await serve("--data-dir", "data");
      const second = instep(["serve", "--port", "0", "--data-dir", "data"]);
      expect(await second.exitCode).toBe(75);
      expect(second.stderr()).toContain(`process ${process.pid}`);
      expect(second.stdout()).toBe("");
    },
  );

  commandTest(
    "instep serve runs what its folder defines, and sees a file that comes later",
    async ({ instep, folder }) => {
      const env = { GREETING: "hi", SECRET_OF_SERVER: "never shown" };
      const server = instep(["serve", "--port", "0", "--pass-env", "GREETING"], env);
      const [, url] = await server.until(/Page +(http:\S+)\//);
      const call = async (path: string, body?: object) => {
        const headers = { "Content-Type": "application/json" };
        const init = body && { method: "POST", headers, body: JSON.stringify(body) };
        const answer = await fetch(url + path, init);
        return { status: answer.status, body: JSON.parse(await answer.text()) };
      };
      const names = async () =>
        (await call("/workflow/definitions")).body.definitions.map(
          ({ name }: { name: string }) => name,
        );
      expect(await names()).toContain("backup");

      mkdirSync(path.join(folder, "workflows"));
      const run = 'echo "$GREETING from $INSTEP_URL, home $HOME$SECRET_OF_SERVER"';
      const definition = { name: "hello", steps: [{ action: "greet", run }] };
      writeFileSync(path.join(folder, "workflows", "hello.yaml"), JSON.stringify(definition));
      expect((await names())[0]).toBe("hello");
      expect(await names()).toContain("backup");
      expect((await call("/workflow/start", { name: "hello", workflow_id: "one" })).status).toBe(
        201,
      );
      await until(
        async () =>
          (await call("/workflow/state?workflow_id=one")).body.state.status === "completed",
        "the workflow is completed",
      );
      const log = await fetch(`${url}/workflow/state/steps/0/log?workflow_id=one`);
      expect(await log.text()).toBe(`hi from ${url}, home ${folder}\n`);
    },
  );

  commandTest(
    "instep serve says at its start which file is no definition, and where",
    async ({ serve, folder }) => {
      mkdirSync(path.join(folder, "own"));
      writeFileSync(path.join(folder, "own", "bad.yaml"), "name: bad\nsteps:\n  - run: ls\n");
      const { process } = await serve("--workflows", "own");
      await process.until(/not a definition.*\n/);
      const warning = process
        .stderr()
        .split("\n")
        .find((line) => line.includes("not a definition"));
      expect(JSON.parse(warning!)).toMatchObject({
        file: "bad.yaml",
        line: 3,
        field: "steps.0.action",
      });
    },
  );

  cliTest("instep serve on a port that is taken says so", async ({ instep, folder }) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const server = instep(["serve", "--port", String(port), "--data-dir", "data"]);
    expect(await server.exitCode).toBe(1);
    expect(server.stderr()).toContain(`Another program already listens on 127.0.0.1:${port}`);
    expect(existsSync(path.join(folder, "data", "instep.lock"))).toBe(false);
    other.close();
  });

  commandTest(
    "instep serve on a folder that cannot be used says so",
    async ({ instep, folder }) => {
      writeFileSync(path.join(folder, "file"), "");
      const server = instep(["serve", "--port", "0", "--data-dir", "file/data"]);
      expect(await server.exitCode).toBe(1);
      expect(server.stderr()).toMatch(/instep: The data folder cannot be used: .* is a file/);
    },
  );

  commandTest("beyond this machine needs a token", async ({ instep, folder }) => {
    const refused = instep(["serve", "--port", "0", "--host", "0.0.0.0"]);
    expect(await refused.exitCode).toBe(2);
    expect(refused.stderr()).toContain("--token-file");
    expect(existsSync(path.join(folder, ".instep"))).toBe(false);
  });

  commandTest("instep serve with tokens lets nobody in without one", async ({ serve, folder }) => {
    writeFileSync(path.join(folder, "tokens"), "drive 0123456789abcdef\n", { mode: 0o600 });
    const { url, process } = await serve("--host", "0.0.0.0", "--token-file", "tokens");
    await process.until(/Authorization: Bearer.*\n/);
    expect(process.stdout()).not.toContain("0123456789abcdef");
    expect((await fetch(`${url}/workflow/state`)).status).toBe(401);
    const headers = { Authorization: "Bearer 0123456789abcdef" };
    expect((await fetch(`${url}/workflow/state`, { headers })).status).toBe(200);
  });

  commandTest(
    "follows its token file, and says that nothing is encrypted",
    async ({ serve, folder }) => {
      const file = path.join(folder, "tokens");
      const write = (token: string) => writeFileSync(file, `drive ${token}\n`, { mode: 0o600 });
      write("0123456789abcdef");
      const { url, process } = await serve("--host", "0.0.0.0", "--token-file", "tokens");
      await process.until(/unencrypted/);
      write("fedcba9876543210");
      const statusOf = async (token: string) => {
        const headers = { Authorization: `Bearer ${token}` };
        return (await fetch(`${url}/workflow/state`, { headers })).status;
      };
      await until(async () => (await statusOf("fedcba9876543210")) === 200, "the new one counts");
      expect(await statusOf("0123456789abcdef")).toBe(401);
    },
  );

  cliTest("lives on where nobody reads its log any more", async ({ serve, folder }) => {
    const { url, process } = await serve("--data-dir", "data", "--log-level", "debug");
    process.hangUp();
    for (let i = 0; i < 3; i++) {
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify({ workflow_id: `w${i}` });
      const saved = await fetch(`${url}/workflow/state`, { method: "POST", headers, body });
      expect(saved.status).toBe(200);
    }
    process.signal("SIGTERM");
    expect(await process.exitCode).toBe(0);
    expect(existsSync(path.join(folder, "data", "instep.lock"))).toBe(false);
  });

  for (const args of [["--prot", "1"], ["--port", "x"], ["extra"]]) {
    commandTest(`instep serve with ${args.join(" ")} is wrong usage`, async ({ instep }) => {
      const wrong = instep(["serve", ...args]);
      expect(await wrong.exitCode).toBe(2);
      expect(wrong.stderr()).toMatch(/--port|too many arguments/);
    });
  }
});

describe("instep", () => {
  cliTest(
    "instep shows its version, and help for itself and for each command",
    async ({ instep }) => {
      const version = instep(["--version"]);
      expect(await version.exitCode).toBe(0);
      expect(version.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
      for (const args of [[], ["serve"], ["run"], ["list"], ["watch"]]) {
        const help = instep([...args, "--help"]);
        expect(await help.exitCode).toBe(0);
        expect(help.stdout()).toContain("Examples:");
      }
    },
  );

  commandTest(
    "instep refuses a command it does not know, and says which one was meant",
    async ({ instep }) => {
      const wrong = instep(["serv"]);
      expect(await wrong.exitCode).toBe(2);
      expect(wrong.stderr()).toContain("did you mean serve?");
    },
  );
});
