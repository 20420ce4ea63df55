/** The page's files: built by Vite, served under whatever mount the router has. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import express, { type Request, type RequestHandler, type Response, type Router } from "express";
import helmet from "helmet";
import { SyncError } from "../../../shared/errors.js";
import type { Gate } from "../access/access.js";
import { assetsRouter } from "./assets.js";

const BASE = '<base href="/">';

/** Strict: nothing inline, nothing from elsewhere. Its own WebSocket is named, as older browsers do not count it as 'self' (https://github.com/w3c/webappsec-csp/issues/7). */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        connectSrc: ["'self'", (request) => ownSockets(request.headers.host)],
        manifestSrc: ["'self'"],
        // The page has a <base> of its own, for the mount it is under.
        baseUri: ["'self'"],
        // No text becomes HTML or script, but for the address of the page's worker.
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["default"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginResourcePolicy: { policy: "same-origin" },
    frameguard: { action: "deny" },
    // On plain HTTP these would only break the page; behind TLS they are the proxy's to set.
    strictTransportSecurity: false,
  });
}

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

/** The Host header was checked against our names before any of this is sent; odd characters are dropped all the same. */
function ownSockets(host: string | undefined): string {
  const safe = host?.replaceAll(/[^A-Za-z0-9.:[\]-]/g, "") ?? "";
  return safe === "" ? "'self'" : `ws://${safe} wss://${safe}`;
}

const escapeAttribute = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
