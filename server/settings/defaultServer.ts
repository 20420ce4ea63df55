/** The server that a command means where nobody names one, and how an address is written that one can go to. */
import { DEFAULTS } from "../../shared/limits.js";

export const DEFAULT_SERVER = `http://127.0.0.1:${DEFAULTS.port}`;

/** "Every address" is none to go to, and no name the server answers to; a name of two addresses is one too many for a link. */
export function addressToGoTo(url: string): string {
  return url.replace(/\/\/(0\.0\.0\.0|localhost):/i, "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

/** Where a server that listens there is found from this machine. */
export const addressAt = (host: string, port: number, basePath = ""): string =>
  addressToGoTo(`http://${bracketed(host)}:${port}${basePath}`);

/** As addresses are compared, and as a path is put behind them. */
export const withoutSlash = (url: string): string => url.replace(/\/+$/, "");

/** As a host stands in an address. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);
