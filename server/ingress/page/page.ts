/** The page's files: built by Vite, served under whatever mount the router has. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import express, { type Request, type RequestHandler, type Response, type Router } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { Gate } from "../access/access.js";
import { assetsRouter } from "./assets.js";

const BASE = '<base href="/">';

/** Serves the list, start and workflow views; passes every other path on to the next handler. */
export function pageRouter(folder: string, gate: Gate): Router {
  const router = express.Router();
  const indexFile = join(folder, "index.html");

  const ours: RequestHandler = (request, _response, next) => {
    gate.checkOrigin(request);
    next();
  };
  const index = async (request: Request, response: Response): Promise<void> => {
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
    response.end(html.replace(BASE, `<base href="${escapeAttribute(request.baseUrl)}/">`));
  };

  // They are the same for everybody. A browser names its origin with some of them, and behind a proxy that is another one.
  const byOurName: RequestHandler = (request, _response, next) => {
    gate.checkHost(request);
    next();
  };
  router.use("/assets", byOurName, assetsRouter(join(folder, "assets")));
  router.get("/", ours, index);
  router.get("/w/:workflow_id", ours, index);
  router.get("/start", ours, index);
  router.get("/start/:definition", ours, index);
  return router;
}

const escapeAttribute = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
