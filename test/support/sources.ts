/** The sources as text, and who imports whom in them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Import {
  /** A file from the root on, or a package. */
  readonly to: string;
  readonly typeOnly: boolean;
  /** With the file, or only where it is asked for as it runs. */
  readonly when: "at once" | "later";
}

/** Every file of ours that is built, from the root on. */
export const SOURCES: readonly string[] = ["shared", "server", "client"].flatMap((folder) =>
  filesIn(join(ROOT, folder)),
);

/** Every file of the tests. */
export const TESTS: readonly string[] = filesIn(join(ROOT, "test"));

export const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Whether there is such a folder, from the root on. */
export const isFolder = (folder: string): boolean => existsSync(join(ROOT, folder));

export const withoutComments = (file: string): string =>
  read(file).replaceAll(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm, "");

/** The comments of a file, each without its signs. */
export const commentsOf = (file: string): string[] =>
  [...read(file).matchAll(/\/\*\*?([\s\S]*?)\*\/|(?:^|[^:"'`])\/\/(.*)$/gm)].map(
    ([, block, line]) => (block ?? line ?? "").replace(/^[\s*]+/, "").trim(),
  );

/** The titles of a file's tests. Those of its `describe`s are not among them. */
export const titlesOf = (file: string): string[] =>
  [
    ...read(file).matchAll(
      /(?<![.\w])(?:it|test|[a-z]\w*Test)(?:\.(?:each|for|fails|skipIf|runIf|sequential|concurrent))*(?:\([^()"'`]*\))?\(\s*(["'`])((?:\\.|(?!\1).)*)\1/g,
    ),
  ].map(([, , title]) => title!);

export function importsOf(file: string): Import[] {
  const text = withoutComments(file);
  const statements = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^;"']*?\sfrom\s+)?"([^"]+)"/g,
  );
  const required = text.matchAll(/\bcreateRequire\(import\.meta\.url\)\(\s*"([^"]+)"\s*\)/g);
  const dynamic = text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g);
  return [
    ...[...statements].map(([, type, to]) => ({
      to: resolved(file, to!),
      typeOnly: type !== undefined,
      when: "at once" as const,
    })),
    ...[...required].map(([, to]) => ({ to: to!, typeOnly: false, when: "at once" as const })),
    ...[...dynamic].map(([, to]) => ({
      to: resolved(file, to!),
      typeOnly: false,
      when: "later" as const,
    })),
  ];
}

/** All that is loaded with these files at once, themselves among it: files and packages. */
export function loadedWith(files: readonly string[]): ReadonlySet<string> {
  const loaded = new Set(files);
  for (const file of loaded) {
    if (!SOURCES.includes(file)) continue;
    for (const { to, typeOnly, when } of importsOf(file)) {
      if (!typeOnly && when === "at once") loaded.add(to);
    }
  }
  return loaded;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(
      (entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts"),
    )
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function resolved(file: string, to: string): string {
  if (!to.startsWith(".")) return to;
  const stem = normalize(join(dirname(file), to)).replace(/\.js$/, "");
  return [`${stem}.ts`, `${stem}.tsx`].find((source) => SOURCES.includes(source)) ?? stem;
}
