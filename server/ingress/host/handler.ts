/** The way in from any program of Node: a plain listener for requests, which does what the router does under Express. */
import type { IncomingMessage, ServerResponse } from "node:http";
import express, { type Request, type Response, type Router } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { ForeignPages } from "../access/foreignPages.js";
import { sendProblem } from "../answer/problem.js";
import type { Forwarded } from "../proxies/forwarded.js";
import { below, type LedRequest } from "../request/base.js";
import type { RepeatedReads } from "../rest/repeatedReads.js";

/** Answers what is Instep's own; anything else goes on to `next`, as it came, or is answered with 404 where there is none. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

export interface HandlerParts {
  readonly router: Router;
  /** Asked before the router: Express costs several times as much as such an answer. */
  readonly repeated: Pick<RepeatedReads, "answer">;
  /** The path that leads to Instep; empty where it is at the root, or where the program takes that path away by itself. */
  readonly basePath: string;
  /** Reads refusals, too: a page that was led to a wrong path is told the right one. */
  readonly foreign: Pick<ForeignPages, "tellAnywhere">;
  /** Knows what a trusted proxy took off in front of it. */
  readonly forwarded: Pick<Forwarded, "prefixOf">;
}

/** The same function for every request: it may be handed on without its object. */
export function handlerOf({
  router,
  repeated,
  basePath,
  foreign,
  forwarded,
}: HandlerParts): Handler {
  // It gives requests and responses what the router's handlers need of them, whatever the host has made of both.
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(router);
  return (request, response, next) => {
    const led = ledTo(basePath, request);
    const leadsTo = basePath === "" ? null : () => `${forwarded.prefixOf(request)}${basePath}/`;
    const refuseIt = () => {
      foreign.tellAnywhere(request, response);
      refuse(response, leadsTo);
    };
    if (led === null) return next ? next() : refuseIt();
    const putBack = next && memoryOf(request, response);
    Object.assign(request, led);
    // Koa begins every answer with 404.
    response.statusCode = 200;
    if (repeated.answer(request, response)) return;
    app(request as Request, response as Response, (error: unknown) => {
      putBack?.();
      if (next) next(error);
      else refuseIt();
    });
  };
}

/** The request's address below the base, beside the whole of it; null where it is not ours. */
function ledTo(basePath: string, request: LedRequest): Required<LedRequest> | null {
  const { url = "", originalUrl = url } = request;
  if (basePath === "") return { url, originalUrl };
  // The host may have taken a part of the path away, or have put another in its place.
  for (const address of [originalUrl, url]) {
    const left = below(basePath, address);
    if (left !== null) return { url: left, originalUrl: address };
  }
  return null;
}

/** The returned function makes request and response again what they are now. */
function memoryOf(request: IncomingMessage & LedRequest, response: ServerResponse): () => void {
  const { url, originalUrl } = request;
  const { statusCode } = response;
  const headers = response.getHeaders();
  const shapes = [request, response].map((one) => [one, Reflect.getPrototypeOf(one)] as const);
  return () => {
    for (const [one, shape] of shapes) Reflect.setPrototypeOf(one, shape);
    Object.assign(request, { url, originalUrl });
    response.statusCode = statusCode;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) response.setHeader(name, value);
  };
}

function refuse(response: ServerResponse, leadsTo: (() => string) | null): void {
  if (leadsTo === null)
    return sendProblem(response, new SyncError("not_found", "there is nothing at this path"));
  const path = leadsTo();
  const words = `there is nothing at this path: Instep is at \`${path}\``;
  sendProblem(response, new SyncError("not_found", words), path);
}
