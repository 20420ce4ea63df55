import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readServeSettings } from "../../../server/settings/config.js";
import type { Flags } from "../../../server/settings/resolveSettings.js";
import { SettingError } from "../../../server/settings/settingError.js";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const HERE = "etcd://127.0.0.1:2379";
const AWAY = "etcds://etcd-1:2379,etcd-2";

describe("the settings of a cluster", () => {
  let folder: string;
  const at = (name: string) => path.join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "instep-cluster-"));
    for (const name of ["ca", "cert"]) writeFileSync(at(name), PEM);
    writeFileSync(at("key"), PEM, { mode: 0o600 });
    writeFileSync(at("open"), PEM, { mode: 0o644 });
    writeFileSync(at("password"), "hunter2 \nnot this\n", { mode: 0o600 });
    writeFileSync(at("empty"), "\n", { mode: 0o600 });
    writeFileSync(at("tokens"), "drive 0123456789abcdef\n", { mode: 0o600 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const read = (flags: Flags, env: Record<string, string> = {}) =>
    readServeSettings({ flags, env, cwd: folder, machine: "Büro 7.local" }).cluster;

  test("a server is alone where nobody names a store", () => {
    expect(read({})).toBeNull();
  });

  test("a store is enough: the node is called as its machine is, made fit", () => {
    expect(read({ store: HERE })).toEqual({ store: HERE, node: "B-ro-7.local", labels: [] });
  });

  test("every setting of a cluster has its variable, and its files are read", () => {
    const env = {
      INSTEP_STORE: AWAY,
      INSTEP_STORE_CA: "ca",
      INSTEP_STORE_CERT: "cert",
      INSTEP_STORE_KEY: "key",
      INSTEP_STORE_USER: "instep",
      INSTEP_STORE_PASSWORD_FILE: "password",
      INSTEP_NODE: "a",
      INSTEP_NODE_LABEL: "gpu, big.disk",
      INSTEP_NODE_URL: "https://a.example.com/instep/",
      INSTEP_NODE_CA: "ca",
      INSTEP_OUTPUT_DIR: "shared",
    };
    expect(read({}, env)).toEqual({
      store: AWAY,
      tls: { ca: PEM, cert: PEM, key: PEM },
      auth: { user: "instep", password: "hunter2 " },
      node: "a",
      labels: ["gpu", "big.disk"],
      url: "https://a.example.com/instep",
      nodeCa: PEM,
      outputDir: at("shared"),
    });
  });

  test.each<[Flags, string]>([
    [
      { store: "etcd://root:hunter2@h" },
      "--store: must be an address without a user and a password",
    ],
    [{ store: "redis://h" }, "--store: must be an address like etcd://host1:2379"],
    [{ node: "a" }, "--node: means nothing without --store"],
    [{ outputDir: "out" }, "--output-dir: means nothing without --store"],
    [{ nodeLabel: ["gpu"] }, "--node-label: means nothing without --store"],
    [
      { store: HERE, node: "a b" },
      '--node: must have up to 64 letters, digits, dots, - and _, with a letter or a digit first, not "a b"',
    ],
    [{ store: HERE, nodeLabel: ["-x"] }, "--node-label: must have up to 64 letters"],
    [{ store: HERE, nodeUrl: "ftp://h" }, "--node-url: must be an address like"],
    [
      { store: HERE, nodeUrl: "http://h/#t=secret" },
      "--node-url: must be the address that Instep is mounted at",
    ],
    [{ store: HERE, storeCa: "ca" }, "--store-ca: is for a store with TLS: etcds://"],
    [
      { store: AWAY, nodeUrl: "http://h", storeCert: "cert" },
      "--store-cert: needs --store-key beside it",
    ],
    [
      { store: AWAY, nodeUrl: "http://h", storeKey: "key" },
      "--store-key: needs --store-cert beside it",
    ],
    [{ store: AWAY, nodeUrl: "http://h", storeCert: "cert", storeKey: "open" }, "--store-key: "],
    [{ store: AWAY, nodeUrl: "http://h", storeCa: "nowhere" }, "--store-ca: there is no file"],
    [{ store: AWAY, nodeUrl: "http://h", storeCa: "password" }, "--store-ca: has nothing in PEM"],
    [{ store: HERE, storeUser: "me" }, "--store-user: needs --store-password-file beside it"],
    [{ store: HERE, storePasswordFile: "password" }, "--store-password-file: needs --store-user"],
    [
      { store: HERE, storeUser: "me", storePasswordFile: "empty" },
      "--store-password-file: has no password",
    ],
    [
      { store: HERE, storeUser: "me", storePasswordFile: "open" },
      "is open to other users of this machine",
    ],
  ])("%j is refused by its name", (flags, message) => {
    expect(() => read(flags)).toThrow(SettingError);
    expect(() => read(flags)).toThrow(message);
    expect(() => read(flags)).not.toThrow("hunter2");
  });

  test("a variable that means nothing without a store is refused by its own name", () => {
    expect(() => read({}, { INSTEP_NODE: "a" })).toThrow(/^INSTEP_NODE: means nothing/);
  });

  test("a server on loopback with etcd elsewhere has to say where the others reach it", () => {
    const beyond = "the other servers cannot reach this one at http://127.0.0.1:4747";
    expect(() => read({ store: AWAY })).toThrow(`--node-url: ${beyond}`);
    const everywhere = { host: "0.0.0.0", tokenFile: at("tokens") };
    expect(() => read({ store: AWAY, ...everywhere })).toThrow(beyond);
    expect(read({ store: AWAY, nodeUrl: "http://10.0.0.2:4747" })?.url).toBe(
      "http://10.0.0.2:4747",
    );
    expect(read({ store: AWAY, host: "10.0.0.2", tokenFile: at("tokens") })).not.toBeNull();
    expect(read({ store: "etcd://127.0.0.1,[::1]:2379,localhost" })).not.toBeNull();
  });
});
