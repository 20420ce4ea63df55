/** Writes the package `instep-client` into dist/clientPackage: the client of `instep`, file by file the same, with nothing to install beside it. */
import * as fs from "node:fs";
import path from "node:path";
import { ROOT } from "./tools.mjs";

const FOLDER = path.join(ROOT, "dist", "clientPackage");
/** What imports may be of another package. */
const PEERS = ["react"];
/** Its entries, and what they are called in `instep`. */
const ENTRIES = {
  ".": "./client",
  "./sharedWorker": "./client/sharedWorker",
  "./react": "./react",
  "./element": "./element",
};
/** Each of a file's imports, as the compiler prints them. */
const IMPORTS = /^(?:import|export)\b[^;]*?\bfrom ["']([^"']+)["']|^import ["']([^"']+)["']/gm;

const whole = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
const inPackage = (file) => file.replace(/^\.\/dist\//, "./");
const exported = Object.entries(ENTRIES).map(([name, theirs]) => [name, whole.exports[theirs]]);

fs.rmSync(FOLDER, { recursive: true, force: true });
for (const [, { types, default: script }] of exported) {
  copy(script, (file) => file);
  copy(types, (file) => file.replace(/\.js$/, ".d.ts"));
}
for (const [from, to] of [
  ["LICENSE", "LICENSE"],
  ["client/README.md", "README.md"],
]) {
  fs.copyFileSync(path.join(ROOT, from), path.join(FOLDER, to));
}
fs.writeFileSync(
  path.join(FOLDER, "package.json"),
  `${JSON.stringify(
    {
      name: "instep-client",
      version: whole.version,
      description:
        "Follows and drives the workflows of an Instep server, from a page or from Node.",
      license: whole.license,
      keywords: whole.keywords,
      type: whole.type,
      engines: whole.engines,
      exports: {
        ...Object.fromEntries(
          exported.map(([name, entry]) => [
            name,
            { types: inPackage(entry.types), default: inPackage(entry.default) },
          ]),
        ),
        "./package.json": "./package.json",
      },
      sideEffects: whole.sideEffects.filter((file) => file.startsWith("./dist/")).map(inPackage),
      peerDependencies: only(whole.peerDependencies),
      peerDependenciesMeta: only(whole.peerDependenciesMeta),
    },
    null,
    2,
  )}\n`,
);

/** A file of dist, and all that it imports; `found` says under which name the compiler keeps what an import names. */
function copy(file, found) {
  const target = path.join(FOLDER, inPackage(file));
  if (fs.existsSync(target)) return;
  const text = fs.readFileSync(path.join(ROOT, file), "utf8");
  fs.mkdirSync(path.dirname(target), { recursive: true });
  // Maps are not in it, as their sources are not.
  fs.writeFileSync(target, text.replace(/^\/\/# sourceMappingURL=.*\n?/m, ""));
  for (const [, from, alone] of text.matchAll(IMPORTS)) {
    const name = from ?? alone;
    if (name.startsWith(".")) copy(`./${path.join(path.dirname(file), found(name))}`, found);
    else if (!PEERS.includes(name)) {
      throw new Error(`${file} imports ${name}, which instep-client does not install.`);
    }
  }
}

function only(all) {
  return Object.fromEntries(PEERS.map((name) => [name, all[name]]));
}
