/** The house: which folder may import which, and what no file may do. Reads the sources, so that the table stays true. */
import { describe, expect, it } from "vitest";
import { importsOf, read, SOURCES, withoutComments } from "./support/sources.js";

interface Rule {
  /** The files it is about: the longest folder that fits decides. */
  readonly from: string;
  readonly mayImport: readonly string[];
}

/** Ours end in a slash or name a file; everything else is a package. `types:` allows `import type` only. */
const RULES: readonly Rule[] = [
  {
    from: "server/machine/",
    mayImport: ["server/machine/", "server/log/", "shared/", "zod", "node:"],
  },
  { from: "server/time/", mayImport: ["server/time/", "shared/"] },
  { from: "shared/", mayImport: ["shared/"] },
  { from: "shared/schema/", mayImport: ["shared/", "zod"] },
  {
    from: "server/fields/",
    mayImport: [
      "server/fields/",
      "shared/text/nearest.ts",
      "shared/",
      "zod",
      "re2js",
      "@eslint-community/regexpp",
    ],
  },
  {
    from: "server/state/store/",
    mayImport: ["server/state/store/", "server/machine/", "shared/", "lowdb", "node:", "zod"],
  },
  {
    from: "server/state/rules/",
    mayImport: [
      "server/state/rules/",
      "server/state/store/record.ts",
      "server/fields/",
      "shared/",
      "node:crypto",
    ],
  },
  {
    from: "server/state/",
    mayImport: ["server/state/", "server/time/", "server/machine/", "shared/", "node:"],
  },
  {
    from: "server/output/",
    mayImport: [
      "server/output/",
      "server/machine/",
      "server/state/rules/stepOutput.ts",
      "types:server/state/",
      "shared/",
      "node:",
    ],
  },
  {
    from: "server/egress/",
    mayImport: ["server/egress/", "server/output/", "server/state/", "shared/", "ws", "node:"],
  },
  {
    from: "server/runner/",
    mayImport: [
      "server/runner/",
      "server/fields/",
      "server/output/",
      "server/state/",
      "shared/text/duration.ts",
      "shared/text/nearest.ts",
      "server/machine/",
      "server/time/",
      "server/log/log.ts",
      "shared/",
      "yaml",
      "zod",
      "node:",
    ],
  },
  {
    from: "server/ingress/",
    mayImport: [
      "server/ingress/",
      "server/machine/",
      "server/time/",
      "server/egress/",
      "server/output/",
      "server/runner/",
      "server/state/",
      "server/log/log.ts",
      "shared/text/nearest.ts",
      "shared/",
      "express",
      "ws",
      "helmet",
      "zod",
      "node:",
    ],
  },
  {
    from: "server/cli/",
    mayImport: [
      "server/",
      "client/",
      "shared/",
      "commander",
      "log-update",
      "picocolors",
      "pino",
      "string-width",
      "ws",
      "zod",
      "node:",
    ],
  },
  {
    from: "server/cli/config/",
    mayImport: ["server/", "shared/", "yaml", "node:"],
  },
  {
    from: "server/",
    mayImport: [
      "server/",
      "client/",
      "shared/",
      "express",
      "commander",
      "pino",
      "ws",
      "zod",
      "node:",
    ],
  },
  {
    from: "client/",
    mayImport: ["client/", "shared/"],
  },
  {
    from: "client/ui/vite.config.ts",
    mayImport: ["vite", "node:", "@preact/", "client/ui/build/"],
  },
  { from: "client/ui/build/", mayImport: ["types:vite", "node:"] },
  {
    from: "client/ui/",
    mayImport: [
      "client/ui/",
      "client/index.ts",
      "types:shared/",
      "preact",
      "@preact/signals",
      "anser",
    ],
  },
];

describe("the house", () => {
  it.each(SOURCES)("%s imports only what its folder may", (file) => {
    const rule = RULES.filter(({ from }) => file.startsWith(from)).sort(
      (a, b) => b.from.length - a.from.length,
    )[0];
    const strangers = importsOf(file).filter(({ to, typeOnly }) => !isAllowed(rule!, to, typeOnly));
    expect(strangers.map(({ to }) => to)).toEqual([]);
  });

  it("keeps the page and the client apart: the client knows nothing of its page", () => {
    const outside = SOURCES.filter(
      (file) => file.startsWith("client/") && !file.startsWith("client/ui/"),
    );
    const knowing = outside.filter((file) =>
      importsOf(file).some(({ to }) => to.startsWith("client/ui/")),
    );
    expect(knowing).toEqual([]);
  });

  it("keeps out of the client, its page and shared what only the server needs, by whatever way it would come", () => {
    const isOfServer = (file: string) =>
      /^(server\/|shared\/schema\/|client\/ui\/(build\/|vite\.config))/.test(file);
    const reached = new Set(SOURCES.filter((file) => !isOfServer(file)));
    for (const file of reached) {
      if (!SOURCES.includes(file)) continue;
      for (const { to, typeOnly } of importsOf(file)) if (!typeOnly) reached.add(to);
    }
    expect([...reached].filter((name) => /^(re2js|zod|@eslint|server\/|node:)/.test(name))).toEqual(
      [],
    );
    expect(reached).toContain("shared/fields/fields.ts");
  });

  it("lets only the process's own file touch the process", () => {
    const touching = SOURCES.filter(
      (file) => file !== "server/main.ts" && !file.endsWith("vite.config.ts"),
    ).filter((file) =>
      /\bprocess\.(env|argv|exit|exitCode|on|once|stdin|stdout|stderr|cwd|chdir)\b/.test(
        withoutComments(file),
      ),
    );
    expect(touching).toEqual([]);
  });

  it("takes time and chance as arguments where state is decided", () => {
    const deciding = SOURCES.filter(
      (file) =>
        /^(server\/(machine|time|state|output|egress|ingress)|shared)\//.test(file) &&
        file !== "shared/clock.ts",
    );
    const taking = deciding.filter((file) =>
      /\b(Date\.now|setTimeout|setInterval|Math\.random)\b/.test(withoutComments(file)),
    );
    expect(taking).toEqual([]);
  });

  it("has no drawers for odds and ends", () => {
    expect(
      SOURCES.filter((file) => /(^|\/)(utils?|helpers?|types|misc|common)\.tsx?$/.test(file)),
    ).toEqual([]);
  });

  it("begins every file with a sentence that says what it is for", () => {
    const silent = SOURCES.filter((file) => !/^(#!.*\n)?\/\*\*/.test(read(file)));
    expect(silent).toEqual([]);
  });

  it("has no file much over 250 lines", () => {
    const long = SOURCES.map((file) => ({ file, lines: read(file).split("\n").length })).filter(
      ({ lines }) => lines > 280,
    );
    expect(long).toEqual([]);
  });
});

function isAllowed({ mayImport }: Rule, to: string, typeOnly: boolean): boolean {
  return mayImport.some((allowed) => {
    if (allowed.startsWith("types:")) return typeOnly && to.startsWith(allowed.slice(6));
    if (allowed.endsWith("/") || allowed.endsWith(":")) return to.startsWith(allowed);
    return to === allowed || to.startsWith(`${allowed}/`);
  });
}
