import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readServeSettings } from "../../../server/settings/config.js";
import type { Flags } from "../../../server/settings/resolveSettings.js";
import { SettingError } from "../../../server/settings/settingError.js";
import { isLoopback } from "../../../server/settings/settingValues.js";
import { DEFAULTS, LIMITS } from "../../../shared/limits.js";

const read = (flags: Flags = {}, env: Record<string, string> = {}) =>
  readServeSettings({ flags, env, cwd: "/home/someone" });

describe("the settings", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "instep-config-"));
    writeFileSync(path.join(folder, "tokens"), "drive 0123456789abcdef\n", { mode: 0o600 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("the settings have defaults for everything, and listen on this machine only", () => {
    expect(read()).toEqual({
      port: DEFAULTS.port,
      host: "localhost",
      basePath: "",
      dataDir: "/home/someone/.instep",
      clearAfterMs: DEFAULTS.clearAfterMs,
      history: DEFAULTS.history,
      silentAfterMs: DEFAULTS.silentAfterMs,
      limits: { outputTotalBytes: LIMITS.outputTotalBytes },
      tokens: [],
      tokenFile: null,
      allowedHosts: [],
      allowedOrigins: [],
      trustProxy: [],
      workflowsDir: "/home/someone/workflows",
      offersExamples: true,
      maxConcurrent: DEFAULTS.maxConcurrent,
      passEnv: [],
      onStop: null,
      logLevel: "info",
      webhooks: [],
      metrics: false,
      traces: false,
      cluster: null,
    });
  });

  test("a flag counts more than a variable, and a variable more than the default", () => {
    expect(read({ port: "1" }, { INSTEP_PORT: "2", PORT: "3" }).port).toBe(1);
    expect(read({}, { INSTEP_PORT: "2", PORT: "3" }).port).toBe(2);
    expect(read({}, { PORT: "3" }).port).toBe(3);
    expect(read({}, { INSTEP_PORT: "", PORT: "" }).port).toBe(DEFAULTS.port);
  });

  test("every setting has its variable", () => {
    const env = {
      INSTEP_PORT: "0",
      INSTEP_HOST: "[::1]",
      INSTEP_BASE_PATH: "/tools/instep/",
      INSTEP_DATA_DIR: "/data",
      INSTEP_CLEAR_AFTER: "1m",
      INSTEP_HISTORY: "0",
      INSTEP_SILENT_AFTER: "1h",
      INSTEP_OUTPUT_LIMIT: "1.5GB",
      INSTEP_TOKEN_FILE: path.join(folder, "tokens"),
      INSTEP_ALLOW_HOST: "Example.com, other:8080",
      INSTEP_ALLOW_ORIGIN: "https://app.example.com, http://localhost:3000",
      INSTEP_TRUST_PROXY: "loopback, 10.0.0.0/8,fd00::1",
      INSTEP_WORKFLOWS: folder,
      INSTEP_EXAMPLES: "no",
      INSTEP_MAX_CONCURRENT: "3",
      INSTEP_PASS_ENV: "AWS_PROFILE,PACE",
      INSTEP_WEBHOOKS: '[{ "url": "https://example.org/", "secret": { "file": "key" } }]',
      INSTEP_METRICS: "true",
      INSTEP_TRACES: "true",
      INSTEP_ON_STOP: "keep",
      INSTEP_LOG_LEVEL: "debug",
    };
    expect(read({}, env)).toEqual({
      port: 0,
      host: "::1",
      basePath: "/tools/instep",
      dataDir: "/data",
      clearAfterMs: 60_000,
      history: 0,
      silentAfterMs: 3_600_000,
      limits: { outputTotalBytes: 1_500_000_000 },
      tokens: [{ can: "drive", token: "0123456789abcdef" }],
      tokenFile: path.join(folder, "tokens"),
      allowedHosts: ["example.com", "other:8080"],
      allowedOrigins: ["https://app.example.com", "http://localhost:3000"],
      trustProxy: ["loopback", "10.0.0.0/8", "fd00::1"],
      workflowsDir: folder,
      offersExamples: false,
      maxConcurrent: 3,
      passEnv: ["AWS_PROFILE", "PACE"],
      onStop: "keep",
      logLevel: "debug",
      webhooks: [
        {
          ...{ name: "example.org", url: "https://example.org/", format: "json", headers: {} },
          events: ["ended", "blocked", "interrupted"],
          secret: { file: "/home/someone/key" },
          allow_private: false,
        },
      ],
      metrics: true,
      traces: true,
      cluster: null,
    });
  });

  test.each<[Flags, Record<string, string>, string]>([
    [{ port: "http" }, {}, '--port: must be a whole number from 0 to 65535, not "http"'],
    [{ port: "65536" }, {}, "--port: must be a whole number"],
    [{}, { PORT: "-1" }, "PORT: must be a whole number"],
    [{}, { INSTEP_PORT: "tcp://10.0.0.1:4747" }, "INSTEP_PORT: must be a whole number"],
    [{ onStop: "leave" }, {}, '--on-stop: must be one of keep, end, not "leave"'],
    [{ clearAfter: "30" }, {}, "--clear-after: needs a unit"],
    [{}, { INSTEP_SILENT_AFTER: "never" }, "INSTEP_SILENT_AFTER: must be a time"],
    [{ history: "-1" }, {}, "--history: must be a whole number"],
    [{ host: "http://localhost" }, {}, "--host: must be an address"],
    [{ host: "localhost:80" }, {}, "--host: must be an address"],
    [
      { trustProxy: ["10.0.0.0/99"] },
      {},
      "--trust-proxy: must be `loopback`, an address, or a range",
    ],
    [{}, { INSTEP_TRUST_PROXY: "loopback, proxy" }, "INSTEP_TRUST_PROXY: must be `loopback`"],
    [{ allowHost: ["https://x"] }, {}, "--allow-host: must be HOST or HOST:PORT"],
    [
      { allowOrigin: ["https://app.example.com:443"] },
      {},
      '--allow-origin: must be an origin such as https://app.example.com, not "https://app.example.com:443"; as a browser sends it, that is https://app.example.com',
    ],
    [{}, { INSTEP_ALLOW_ORIGIN: "*" }, "INSTEP_ALLOW_ORIGIN: must be an origin"],
    [{ workflows: "flows" }, {}, "--workflows: there is no folder /home/someone/flows"],
    [{}, { INSTEP_EXAMPLES: "maybe" }, 'INSTEP_EXAMPLES: must be true or false, not "maybe"'],
    [{ outputLimit: "1g" }, {}, '--output-limit: must be a size like 500MB or 1GiB, not "1g"'],
    [{ outputLimit: "1MiB" }, {}, "--output-limit: must not be less than 16MiB"],
    [{ maxConcurrent: "0" }, {}, "--max-concurrent: must be a whole number from 1 to 1000"],
    [{ passEnv: ["A=1"] }, {}, "--pass-env: must be the name of a variable"],
    [{ logLevel: "loud" }, {}, "--log-level: must be one of error, warn"],
    [{ basePath: "tools" }, {}, "--base-path: must be a path like /tools/instep"],
    [{}, { INSTEP_BASE_PATH: "/a/../b" }, "INSTEP_BASE_PATH: must be a path"],
    [{ dataDir: "" }, {}, "--data-dir: must not be empty"],
    [{ tokenFile: "nowhere" }, {}, "--token-file: there is no file /home/someone/nowhere"],
    [{}, { INSTEP_PROT: "1" }, "INSTEP_PROT: no such variable; did you mean INSTEP_PORT?"],
  ])("%j with %j is refused by its name", (flags, env, message) => {
    expect(() => read(flags, env)).toThrow(SettingError);
    expect(() => read(flags, env)).toThrow(message);
  });

  test("variables an orchestrator sets by itself do no harm", () => {
    expect(read({}, { INSTEP_SERVICE_HOST: "10.0.0.1" }).host).toBe("localhost");
  });

  test.each(["0.0.0.0", "::", "192.168.1.5", "example.com", "127.0.0.1.example.com"])(
    "%s needs a token",
    (host) => {
      expect(() => read({ host })).toThrow(`--host: ${host} can be reached from other machines`);
      expect(() => read({}, { INSTEP_HOST: host })).toThrow(/^INSTEP_HOST: /);
      expect(read({ host, tokenFile: path.join(folder, "tokens") }).host).toBe(host);
    },
  );

  test.each(["127.0.0.1", "127.1.2.3", "localhost", "LocalHost", "::1"])(
    "%s is this machine",
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );
});
