import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    // Real processes and browsers on two shared cores: a deadline here catches what hangs, it measures nothing.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 90_000 } },
    // Servers that tests start remember their data folders there, and not in the home of whoever runs the tests.
    env: { XDG_STATE_HOME: join(tmpdir(), "instep-tests") },
    reporters: ["default"],
  },
});
