/** The page's assets, packed as the build left them: nothing is packed while somebody waits. */
import { access } from "node:fs/promises";
import { extname, join } from "node:path";
import express, { type RequestHandler, type Router } from "express";

/** By the name HTTP has for it, and the ending of its file; the smallest first. */
const PACKINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;
const ASSET = /^\/[\w.-]+\.(?:js|css|svg)$/;

/** Kept for good by a browser where their names change with their content, else asked for again each time. What is not there falls through. */
export function assetsRouter(folder: string, { isForGood = true } = {}): Router {
  const router = express.Router();
  const kept = isForGood ? { immutable: true, maxAge: "1y" } : {};
  const preferPacked: RequestHandler = async (request, response, next) => {
    const { path } = request;
    if (!ASSET.test(path)) return next();
    response.vary("Accept-Encoding");
    for (const [encoding, ending] of PACKINGS) {
      const packed = path + ending;
      if (request.acceptsEncodings(encoding) !== encoding) continue;
      if (!(await isThere(join(folder, packed)))) continue;
      response.type(extname(path));
      response.setHeader("Content-Encoding", encoding);
      request.url = packed;
      break;
    }
    next();
  };
  router.use(
    preferPacked,
    express.static(folder, { ...kept, index: false, redirect: false }),
    // Between the look and the reading, a new build may have taken the file away.
    (_request, response, next) => {
      response.removeHeader("Content-Encoding");
      next();
    },
  );
  return router;
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
