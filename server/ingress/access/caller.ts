/** The caller of a REST call: let in before the call is handled, and looked up by its handler. */
import type { RequestHandler, Response } from "express";
import { type Access, checkMayDrive, type Gate } from "./access.js";

/** Lets in whoever may watch, for as long as their token or the host's word counts: an answer that is held, followed or still on its way in is cut off with it. */
export const watchersOnly = (gate: Gate): RequestHandler =>
  letIn((request) => gate.authorize(request));

/** The same for reading metrics: also whoever may do nothing else. */
export const scrapersToo = (gate: Gate): RequestHandler =>
  letIn((request) => gate.authorizeScrape(request));

const letIn =
  (authorize: Gate["authorize"]): RequestHandler =>
  (request, response, next) => {
    const admit = (access: Access) => {
      response.locals.access = access;
      access.grant.carries(response);
      // The caller may have gone while the host thought about it.
      if (!response.destroyed) next();
    };
    const access = authorize(request);
    return access instanceof Promise ? access.then(admit) : admit(access);
  };

/** Keeps out pages of other origins, also those that were named: for what is for people here and for programs alone. */
export const ourPages =
  (gate: Pick<Gate, "checkOrigin">): RequestHandler =>
  (request, _response, next) => {
    gate.checkOrigin(request);
    next();
  };

/** Stands behind `watchersOnly`, in front of a call that changes something. */
export const driversOnly: RequestHandler = (_request, response, next) => {
  checkMayDrive(accessOf(response));
  next();
};

/** The caller's rights, which `watchersOnly` has put there. */
export const accessOf = (response: Response): Access => response.locals.access as Access;
