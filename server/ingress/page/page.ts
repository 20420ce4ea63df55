/** The page's files: built by Vite, served under whatever mount the router has. */

import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import express, { type Request, type RequestHandler, type Response, type Router } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { Gate } from "../access/access.js";
import { ourPages } from "../access/caller.js";
import { vary } from "../answer/vary.js";
import { baseOf } from "../request/base.js";
import { assetsRouter } from "./assets.js";

interface PageParams {
  readonly workflow_id?: string;
}

/** The script of the web component, at a path that pages may write down. */
const ELEMENT = "/instep-workflow.js";
const BASE = '<base href="/">';
/** The page says it where its script does not come: the server adds the script's whole path, as the browser asks for it. */
const BELOW = "below this address";
const SCRIPT = /<script type="module" crossorigin src="\.\/([^"]+)"/;

/**
 * Serves the list, start and workflow views; passes every other path on to the next handler. `onIgnoredPrefix` hears of a page that was
 * given out though a peer that is no trusted proxy told a prefix: behind it the page may not find its files.
 */
export function pageRouter(
  folder: string,
  gate: Gate,
  onIgnoredPrefix: (request: IncomingMessage) => void = () => {},
): Router {
  const router = express.Router();
  const indexFile = join(folder, "index.html");

  const ours = ourPages(gate);
  const index = async (request: Request<PageParams>, response: Response): Promise<void> => {
    // A host may put its own address back as soon as it has handed the request on.
    const base = escapeAttribute(`${gate.forwarded.prefixOf(request) + baseOf(request)}/`);
    const head = headOf(request, base);
    // Read each time: built anew under a running server, it names other assets, and those before are gone.
    const html = await readFile(indexFile, "utf8").catch(() => null);
    if (html === null) {
      throw new SyncError(
        "not_found",
        "the page is not built; run npm run build (REST and WebSocket work without it)",
      );
    }
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.setHeader("Cache-Control", "no-cache");
    if (gate.forwarded.isRead) vary(response, "X-Forwarded-Prefix");
    if (gate.forwarded.isPrefixIgnored(request)) onIgnoredPrefix(request);
    const [, script = ""] = SCRIPT.exec(html) ?? [];
    response.end(
      html.replace(BASE, () => head).replace(BELOW, () => `${BELOW}, as ${base}${script}`),
    );
  };

  /** Where a token is needed, the page's first words ask for nothing without one; else the state that they show is asked for at once. */
  const headOf = ({ params: { workflow_id } }: Request<PageParams>, base: string): string => {
    const tag = `<base href="${base}"`;
    if (!gate.takesTokenless) return `${tag} data-closed>`;
    if (workflow_id === undefined) return `${tag}>`;
    const state = `workflow/state?workflow_id=${encodeURIComponent(workflow_id)}`;
    return `${tag}>\n    <link rel="preload" as="fetch" crossorigin href="${state}">`;
  };

  // They are the same for everybody. A browser names its origin with some of them, and behind a proxy that is another one.
  const byOurName: RequestHandler = (request, _response, next) => {
    gate.checkHost(request);
    next();
  };
  router.use("/assets", byOurName, assetsRouter(join(folder, "assets")));
  const element = join(folder, "../element");
  router.get(ELEMENT, byOurName, assetsRouter(element, { isForGood: false }));
  router.get("/", ours, index);
  router.get("/w/:workflow_id", ours, index);
  router.get("/start", ours, index);
  router.get("/start/:definition", ours, index);
  return router;
}

const escapeAttribute = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
