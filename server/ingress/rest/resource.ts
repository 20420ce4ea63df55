/** One path of the REST door with all its methods: what is not there gets a proper answer too. */
import type { RequestHandler, Router } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { ForeignPages } from "../access/foreignPages.js";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** Where a path is added. */
export interface Door {
  readonly router: Router;
  /** Their questions are answered before `first`. */
  readonly foreign: Pick<ForeignPages, "isPreflight">;
}

/** `first` runs before every method, also before those that are answered here: OPTIONS (204) and the unknown (405). */
export function resource(
  { router, foreign }: Door,
  path: string,
  first: readonly RequestHandler[],
  methods: Partial<Record<Method, readonly RequestHandler[]>>,
): void {
  const names = Object.keys(methods) as Method[];
  const allow = [...names, ...(names.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  const route = router.route(path);
  const answerOptions: RequestHandler = (_request, response) => {
    response.setHeader("Allow", allow);
    response.status(204).end();
  };
  route.options((request, response, next) => {
    if (foreign.isPreflight(request)) answerOptions(request, response, next);
    else next();
  });
  if (first.length > 0) route.all(...first);
  for (const name of names) {
    route[name.toLowerCase() as "get" | "post" | "patch" | "delete"](
      ...(methods[name] as RequestHandler[]),
    );
  }
  route.options(answerOptions);
  route.all((_request, response) => {
    response.setHeader("Allow", allow);
    throw new SyncError("method_not_allowed", `this path answers ${allow}`);
  });
}
