/** The packages that read and match patterns, loaded at the first pattern: most servers and most calls meet none. */
import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** Node's own cache keeps them. A package that cannot be loaded throws what Node says of it. */
export const re2js = (): typeof import("re2js") => load("re2js");
export const regexpp = (): typeof import("@eslint-community/regexpp") =>
  load("@eslint-community/regexpp");
