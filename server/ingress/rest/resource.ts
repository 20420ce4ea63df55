/** One path of the REST door with all its methods: what is not there gets a proper answer too. */
import type { RequestHandler, Router } from "express";
import { SyncError } from "../../../shared/errors.js";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** `first` runs before every method, also before those that are answered here: OPTIONS (204) and the unknown (405). */
export function resource(
  router: Router,
  path: string,
  first: readonly RequestHandler[],
  methods: Partial<Record<Method, readonly RequestHandler[]>>,
): void {
  const names = Object.keys(methods) as Method[];
  const allow = [...names, ...(names.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  const route = router.route(path);
  if (first.length > 0) route.all(...first);
  for (const name of names) {
    route[name.toLowerCase() as "get" | "post" | "patch" | "delete"](
      ...(methods[name] as RequestHandler[]),
    );
  }
  route.options((_request, response) => {
    response.setHeader("Allow", allow);
    response.status(204).end();
  });
  route.all((_request, response) => {
    response.setHeader("Allow", allow);
    throw new SyncError("method_not_allowed", `this path answers ${allow}`);
  });
}
