import { tmpdir } from "node:os";
import { join } from "node:path";
import { configDefaults, defineConfig } from "vitest/config";
import { hasEtcd } from "./test/support/etcd/hasEtcd.js";

/** What needs neither a process nor a browser: the loop of one person (`npm run test:unit`). */
const UNIT = ["architecture.test.ts", "{shared,client,server}/**/*.test.{ts,tsx}"];
/** Beside it: real processes, hundreds of lives of a store, and what is drawn in a simulated browser. */
const SLOWER = [
  "server/{cli,runner}/**",
  "server/state/store/diskFaults.test.ts",
  "client/{react,ui}/**",
];
/** Run a second time with servers whose records are in etcd: the contract of both doors. */
const ON_ETCD = [
  "live/commands/{answering,branches,carefulClear,ending,idempotency,proposals}.test.ts",
  "live/rest/seedContract.test.ts",
  "live/sockets/{largeFrames,merged,resume,saidInProtocol,slowWatchers}.test.ts",
];
/** Holds every answer and frame of a real server against the documents for machines. */
const HELD_TRUE = ["test/support/contract/heldTrue.ts"];
const inTest = (patterns: readonly string[]) => patterns.map((pattern) => `test/${pattern}`);

export default defineConfig({
  test: {
    // Real processes and browsers on two shared cores: a deadline here catches what hangs, it measures nothing.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 90_000 } },
    // Servers that tests start remember their data folders there, and not in the home of whoever runs the tests.
    env: { XDG_STATE_HOME: join(tmpdir(), "instep-tests") },
    reporters: ["default"],
    projects: [
      // Files of one worker share its modules: loading them anew for each file was half of the cost of these.
      project("unit", { include: UNIT, exclude: SLOWER, isolate: false }),
      project("parts", { include: SLOWER.map(asTests), isolate: false }),
      project("whole", {
        include: ["**/*.test.{ts,tsx}"],
        exclude: UNIT,
        setupFiles: HELD_TRUE,
      }),
      ...(hasEtcd
        ? [
            project("on etcd", {
              include: ON_ETCD,
              setupFiles: HELD_TRUE,
              env: { INSTEP_TEST_STORE: "etcd" },
            }),
          ]
        : []),
    ],
  },
});

function asTests(pattern: string): string {
  return pattern.replace(/\*\*$/, "**/*.test.{ts,tsx}");
}

interface Choice {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  readonly isolate?: boolean;
  readonly setupFiles?: readonly string[];
  readonly env?: Record<string, string>;
}

function project(name: string, { include, exclude = [], ...more }: Choice) {
  const test = {
    name,
    include: inTest(include),
    exclude: [...configDefaults.exclude, ...inTest(exclude)],
    ...more,
  };
  return { extends: true as const, test };
}
