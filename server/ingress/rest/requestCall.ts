/** `GET /workflow/request`: how this very request came in, for whoever sets up a proxy in front. */
import type { RequestHandler } from "express";
import type { RequestAnswer } from "../../../shared/wire/rest.js";
import { sendJson } from "../answer/sendJson.js";
import type { Forwarded } from "../proxies/forwarded.js";

const NAMES = ["for", "host", "prefix", "proto"] as const;

/** Stands behind `driversOnly`: it tells the address of a proxy. */
export const requestCall =
  ({ forwarded }: { readonly forwarded: Forwarded }): RequestHandler =>
  (request, response) => {
    const { headers, socket } = request;
    const came = [
      ...NAMES.map((name) => [name, headers[`x-forwarded-${name}`]] as const),
      ["forwarded", headers.forwarded] as const,
    ];
    const answer: RequestAnswer = {
      success: true,
      peer: socket.remoteAddress ?? null,
      trusted: forwarded.trusts(request),
      client: forwarded.addressOf(request) ?? null,
      host: headers.host ?? null,
      forwarded: Object.fromEntries(
        came.flatMap(([name, text]) => (text === undefined ? [] : [[name, String(text)]])),
      ),
    };
    response.setHeader("Cache-Control", "no-store");
    sendJson(response, answer);
  };
