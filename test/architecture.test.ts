/** The rules of ARCHITECTURE.md for folders, imports and files, held against the sources. One test a rule; each lists the strangers. */
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { PATIENCE_MS } from "./support/deadline.js";
import { circlesOf, foldersOf } from "./support/house.js";
import {
  commentsOf,
  importsOf,
  isFolder,
  read,
  SOURCES,
  TESTS,
  titlesOf,
  withoutComments,
} from "./support/sources.js";

/** From the bottom up: a file imports its own storey and those before it. The longest that fits decides. */
const STOREYS: readonly string[] = [
  "shared/",
  "shared/schema/",
  "server/log/",
  "server/metrics/",
  "server/time/",
  "server/machine/",
  "server/etcd/",
  "server/cluster/",
  "server/fields/",
  "server/output/",
  "server/state/",
  "server/traces/",
  "server/egress/",
  "server/webhooks/",
  "server/runner/",
  "server/commands.ts",
  "server/contracts/",
  "server/ingress/",
  "server/settings/",
  "server/listening/",
  "server/",
  "client/",
  "client/react/",
  "client/element/",
  "client/ui/",
  "server/cli/",
  "server/main.ts",
];

/** The files that may import a package, and no others. Those of Node are the server's. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "@eslint-community/regexpp": ["server/fields/"],
  "@opentelemetry/api": ["server/traces/"],
  "@preact/": ["client/ui/"],
  anser: ["client/ui/"],
  commander: ["server/cli/"],
  express: ["server/ingress/", "server/listening/", "server/server.ts"],
  helmet: ["server/ingress/"],
  "log-update": ["server/cli/"],
  lowdb: ["server/state/store/"],
  "node:": ["server/", "client/ui/build/", "client/ui/vite.config.ts"],
  picocolors: ["server/cli/"],
  "prom-client": ["server/metrics/"],
  pino: ["server/cli/"],
  preact: ["client/ui/"],
  re2js: ["server/fields/"],
  react: ["client/react/"],
  "string-width": ["server/cli/"],
  vite: ["client/ui/build/", "client/ui/vite.config.ts"],
  ws: ["server/cluster/", "server/egress/", "server/ingress/", "server/cli/"],
  yaml: ["server/runner/", "server/cli/"],
  zod: ["shared/schema/", "server/"],
};

const MOST_FILES = 22;
const MOST_LINES = 280;

describe("the house", () => {
  it("every file imports only its own storey and those below it", () => {
    const storeyOf = (file: string) =>
      STOREYS.filter((storey) => file.startsWith(storey)).sort((a, b) => b.length - a.length)[0]!;
    const isAbove = (file: string, to: string) =>
      STOREYS.indexOf(storeyOf(to)) > STOREYS.indexOf(storeyOf(file));
    const upwards = imports(isOurs)
      // The shapes that a schema infers belong to the contract, and cost nobody the library.
      .filter(({ to, typeOnly }) => !(typeOnly && to.startsWith("shared/schema/")))
      .filter(({ file, to }) => isAbove(file, to));
    expect(shown(upwards)).toEqual([]);
  });

  it("the client imports nothing of the server, and the server's own parts nothing of the client", () => {
    const across = imports(isOurs).filter(
      ({ file, to }) =>
        (file.startsWith("client/") && to.startsWith("server/")) ||
        (file.startsWith("server/") && !file.startsWith("server/cli/") && to.startsWith("client/")),
    );
    expect(shown(across)).toEqual([]);
  });

  it("the page knows the client by its front door, and the contract by its types", () => {
    const strangers = imports(isOurs)
      .filter(({ file, to }) => file.startsWith("client/ui/") && !to.startsWith("client/ui/"))
      .filter(({ to, typeOnly }) => to !== "client/index.ts" && !typeOnly);
    expect(shown(strangers)).toEqual([]);
  });

  it("no folders import each other in a circle", () => {
    expect(circlesOf(imports(isOurs))).toEqual([]);
  });

  it("a package is imported only where its work is done", () => {
    const strangers = imports((to) => !isOurs(to) && !to.endsWith(".css")).filter(
      ({ file, to }) => {
        const name = Object.keys(PACKAGES).find(
          (known) =>
            to === known ||
            to.startsWith(known.endsWith(":") ? known : `${known}/`) ||
            (known.endsWith("/") && to.startsWith(known)),
        );
        return name === undefined || !PACKAGES[name]!.some((room) => file.startsWith(room));
      },
    );
    expect(shown(strangers)).toEqual([]);
  });

  it("nothing that only the server needs reaches the page, by whatever way", () => {
    const isOfBuild = (file: string) => /^client\/ui\/(?:build\/|vite\.config)/.test(file);
    const reached = new Set(
      SOURCES.filter((file) => file.startsWith("client/ui/") && !isOfBuild(file)),
    );
    for (const file of reached) {
      if (!SOURCES.includes(file)) continue;
      for (const { to, typeOnly } of importsOf(file)) if (!typeOnly) reached.add(to);
    }
    expect([...reached].filter((name) => /^(re2js|zod|@eslint|server\/|node:)/.test(name))).toEqual(
      [],
    );
    expect([...reached].filter((name) => name.startsWith("shared/fields/"))).not.toEqual([]);
  });

  it("nothing but the process's own file touches the process", () => {
    const touching = SOURCES.filter(
      (file) => file !== "server/main.ts" && !file.endsWith("vite.config.ts"),
    ).filter((file) =>
      /\bprocess\.(env|argv|exit|exitCode|on|once|stdin|stdout|stderr|cwd|chdir)\b/.test(
        withoutComments(file),
      ),
    );
    expect(touching).toEqual([]);
  });

  it("time and chance come in as arguments where state is decided", () => {
    const deciding = SOURCES.filter(
      (file) =>
        /^(server\/(state|output|egress|ingress|time)|shared)\//.test(file) &&
        file !== "shared/clock.ts",
    );
    const taking = deciding.filter((file) =>
      /\b(Date\.now|setTimeout|setInterval|Math\.random)\b/.test(withoutComments(file)),
    );
    expect(taking).toEqual([]);
  });
});

describe("a folder", () => {
  it("no folder holds more files than can be read at a glance", () => {
    const full = foldersOf([...SOURCES, ...TESTS]).filter(({ files }) => files > MOST_FILES);
    expect(full).toEqual([]);
  });

  it("no folder or file is a drawer for odds and ends", () => {
    expect(
      SOURCES.filter((file) => /(^|\/)(utils?|helpers?|types|misc|common)(\.tsx?$|\/)/.test(file)),
    ).toEqual([]);
  });

  it("a test of one file or folder lies where that lies in the sources", () => {
    const strays = TESTS.filter((file) => /^test\/(shared|client|server)\//.test(file)).filter(
      (file) => !isFolder(dirname(file.slice("test/".length))),
    );
    expect(strays).toEqual([]);
  });
});

describe("a file", () => {
  it("every file begins with a sentence that says what it is for", () => {
    const silent = SOURCES.filter((file) => !/^(#!.*\n)?\/\*\*/.test(read(file)));
    expect(silent).toEqual([]);
  });

  it("no file is much longer than 250 lines", () => {
    const long = SOURCES.map((file) => ({ file, lines: read(file).split("\n").length })).filter(
      ({ lines }) => lines > MOST_LINES,
    );
    expect(long).toEqual([]);
  });

  it("no comment begins with a relative clause: the thing is named first", () => {
    const headless = SOURCES.flatMap((file) =>
      commentsOf(file)
        .filter((comment) =>
          /^(What|Whatever|Who|Whoever|Whose|Whom|Which|Whichever)\b/.test(comment),
        )
        .map((comment) => `${file}: ${comment.slice(0, 80)}`),
    );
    expect(headless).toEqual([]);
  });

  it("every title of a test is a sentence that stands by itself", () => {
    const halves = TESTS.flatMap((file) =>
      titlesOf(file)
        .filter((title) => BEGINS_IN_THE_MIDDLE.test(title))
        .map((title) => `${file}: ${title.slice(0, 80)}`),
    );
    expect(halves).toEqual([]);
  });

  it("no deadline of a test is shorter than that of every wait: it catches what hangs, and measures nothing", () => {
    const hurried = TESTS.flatMap((file) =>
      [...withoutComments(file).matchAll(OWN_DEADLINE)]
        .filter(([, options, last]) => Number((options ?? last)!.replaceAll("_", "")) < PATIENCE_MS)
        .map(([text]) => `${file}: ${text.trim()}`),
    );
    expect(hurried).toEqual([]);
  });
});

/** Of a test, of `expect.poll`, or of a program that is called. */
const OWN_DEADLINE = /\btimeout: ([\d_]{4,})\b|^ *\}, ([\d_]{4,})\);$/gm;

/** A verb, or a word that joins: the subject stands elsewhere, where vitest and grep do not show it. */
const BEGINS_IN_THE_MIDDLE =
  /^(that|which|whose|is|are|was|were|has|have|had|does|do|did|can|cannot|may|must|will|would|comes?|goes|keeps?|says?|takes?|gives?|tells?|shows?|makes?|refuses?|reads?|finds?|ends?|begins?|stays?|stops?|starts?|answers?|names?|sends?|waits?|runs?|lets?|leaves?|loses?|asks?|writes?|counts?|looks?|holds?|gets?|needs?|never|also|and|with|without|but|or|so|then|nor)\b/;

interface Arrow {
  readonly file: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const isOurs = (to: string): boolean => SOURCES.includes(to);

function imports(wanted: (to: string) => boolean): Arrow[] {
  return SOURCES.flatMap((file) =>
    importsOf(file)
      .filter(({ to }) => wanted(to))
      .map(({ to, typeOnly }) => ({ file, to, typeOnly })),
  );
}

const shown = (arrows: readonly Arrow[]): string[] =>
  arrows.map(({ file, to }) => `${file} -> ${to}`);
