/** How the values of settings are written, whoever writes them: a flag, a variable, a file. Each reader throws with a sentence that says what is wrong; its caller knows whose value it was. */
import path from "node:path";
import { parseDuration } from "../../shared/text/duration.js";
import { orMeant } from "../../shared/text/nearest.js";
import { readBasePath } from "../ingress/request/base.js";
import { parseBytes } from "./byteSize.js";
import { readServerAddress } from "./serverAddress.js";

/** Where relative paths begin. */
export interface Base {
  /** Absolute. */
  readonly folder: string;
  /** No shell was there: `~` and variables stand as they were written. */
  readonly isFile?: boolean;
  /** Absolute; missing where the user has none. */
  readonly home?: string | undefined;
}

export type ValueReader<T> = (text: string, base: Base) => T;

const shown = (text: string) => JSON.stringify(text);

export const wholeNumber =
  (least: number, most: number): ValueReader<number> =>
  (text) => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most)
      return Number(text);
    throw new Error(`must be a whole number from ${least} to ${most}, not ${shown(text)}`);
  };

export const port = wholeNumber(0, 65_535);

export const duration: ValueReader<number> = (text) => parseDuration(text);

export const bytes =
  (least: number): ValueReader<number> =>
  (text) =>
    parseBytes(text, least);

const matching =
  (pattern: RegExp, kind: string): ValueReader<string> =>
  (text) => {
    if (pattern.test(text)) return text;
    throw new Error(`must be ${kind}, not ${shown(text)}`);
  };

const hostText = matching(
  /^(\[[0-9a-fA-F:.]+\]|[0-9a-fA-F:.]+|[A-Za-z0-9.-]+)$/,
  "an address or a host name without a port",
);
export const host: ValueReader<string> = (text, base) =>
  hostText(text, base).replace(/^\[|\]$/g, "");

const allowedHostText = matching(
  /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/,
  "HOST or HOST:PORT",
);
export const allowedHost: ValueReader<string> = (text, base) =>
  allowedHostText(text, base).toLowerCase();

/** An origin, as it was written. Whether it is one as a browser sends it is read where the server starts: every command loads this file. */
export const origin = matching(/^\S+$/, "an origin such as https://app.example.com");

/** A proxy that is trusted, as it was written. Which addresses that are is read where the server starts, too. */
export const proxyAddress = matching(
  /^[A-Za-z0-9.:/]+$/,
  "`loopback`, an address, or a range such as 10.0.0.0/8 or fd00::/8",
);

export const variableName = matching(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of a variable");

export const oneOf =
  <T extends string>(known: readonly T[]): ValueReader<T> =>
  (text) => {
    const found = known.find((one) => one === text);
    if (found !== undefined) return found;
    throw new Error(
      `must be one of ${known.join(", ")}, not ${shown(text)}${orMeant(text, known)}`,
    );
  };

const YES = ["true", "yes", "on", "1"];
const NO = ["false", "no", "off", "0"];

export const yesOrNo: ValueReader<boolean> = (text) => {
  const word = text.toLowerCase();
  if (YES.includes(word)) return true;
  if (NO.includes(word)) return false;
  throw new Error(`must be true or false, not ${shown(text)}`);
};

/** Absolute, whether anything is there or not. */
export const place: ValueReader<string> = (text, { folder, isFile, home }) => {
  if (text === "") throw new Error("must not be empty");
  if (!isFile) return path.resolve(folder, text);
  // Taken literally, these would make a folder called "~" or "$HOME" without a word.
  if (/\$(\w|\{)/.test(text)) throw new Error("variables are not filled in here: write the path");
  const [, rest] = /^~(?:\/(.*))?$/s.exec(text) ?? [];
  if (!text.startsWith("~")) return path.resolve(folder, text);
  if ((rest === undefined && text !== "~") || home === undefined)
    throw new Error(`${shown(text)} is not filled in here: write the path`);
  return path.join(home, rest ?? "");
};

/** A list as JSON: whoever knows what belongs in it reads it. The text itself may have keys in it, and is never said. */
export const listText: ValueReader<string> = (text) => {
  try {
    if (Array.isArray(JSON.parse(text))) return text;
  } catch {
    // Said below.
  }
  throw new Error("must be a list, in a flag or a variable as JSON");
};

/** Bearer tokens travel in a header, which takes visible ASCII only. */
export const token: ValueReader<string> = (text) => {
  // The value itself is shown nowhere.
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new Error("must be a token: visible ASCII, without spaces");
};

/** Without a slash at the end; empty for the root. */
export const basePath: ValueReader<string> = (text) => readBasePath(text);

/** Where Instep is mounted. */
export const server: ValueReader<string> = (text, { isFile }) => {
  const address = readServerAddress(text);
  if (!address.ok) throw new Error(address.why);
  if (isFile && address.token !== undefined)
    throw new Error("has a token behind #: give that as `token`");
  return address.url;
};

/** Addresses only this machine reaches. A name other than localhost may lead anywhere. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
