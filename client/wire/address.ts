/** Where Instep is, for both doors. */

import {
  LIVE_PATH,
  MERGE_SUBPROTOCOL,
  SUBPROTOCOL,
  TOKEN_SUBPROTOCOL,
} from "../../shared/names.js";

const MOST_CHARACTERS = 200;

/** The mount as a folder; a page's own address is one already. */
export function mountOf(url: string | URL | undefined): URL {
  if (url === undefined) {
    if (typeof document === "undefined")
      throw new TypeError("createClient needs a url outside a browser");
    return new URL(document.baseURI);
  }
  const mount = asAddress(url);
  mount.search = "";
  mount.hash = "";
  if (!mount.pathname.endsWith("/")) mount.pathname += "/";
  return mount;
}

function asAddress(given: string | URL): URL {
  const page = typeof document === "undefined" ? undefined : document.baseURI;
  const url = URL.canParse(given, page) ? new URL(given, page) : null;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    const most = String(given).slice(0, MOST_CHARACTERS);
    throw new TypeError(`url must be an address like http://127.0.0.1:4747, not "${most}"`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("url must have no user name or password in it; there is `token`");
  }
  return url;
}

export function liveAddress(mount: URL): string {
  const url = new URL(LIVE_PATH.slice(1), mount);
  url.protocol = mount.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** Browsers cannot set headers on an upgrade, so the token rides along as a subprotocol. */
export function subprotocols(token: string | undefined): string[] {
  const offered = [SUBPROTOCOL, MERGE_SUBPROTOCOL];
  return token === undefined ? offered : [...offered, `${TOKEN_SUBPROTOCOL}${base64url(token)}`];
}

function base64url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
