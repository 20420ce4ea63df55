/** `GET /workflow/definitions`: what can be started here, each with how its last runs went. */
import type { RequestHandler } from "express";
import type { Fields } from "../../../shared/fields/fields.js";
import type { DefinitionsAnswer } from "../../../shared/wire/rest.js";
import { viewOfFields } from "../../egress/watcherView.js";
import type { Runner } from "../../runner/runner.js";
import type { PastRuns } from "../../state/pastRuns.js";
import { mayDrive } from "../access/access.js";
import { accessOf } from "../access/caller.js";
import { sendJson } from "../answer/sendJson.js";

export interface DefinitionsCallParts {
  readonly runner: Pick<Runner, "definitions">;
  readonly past: PastRuns;
}

/** Names only past runs that the caller's token may see. */
export const definitionsCall =
  ({ runner, past }: DefinitionsCallParts): RequestHandler =>
  async (_request, response) => {
    const access = accessOf(response);
    const defined = access.grant.seesDefinitions ? await runner.definitions() : NOTHING;
    const { definitions, ...rest } = mayDrive(access) ? defined : viewOfDefinitions(defined);
    const withPast = definitions.map((one) => ({
      ...one,
      ...past.of(one.name, access.grant.scope),
    }));
    sendJson(response, { ...rest, definitions: withPast });
  };

/** For a link that shows one workflow. */
const NOTHING: DefinitionsAnswer = { success: true, definitions: [], problems: [] };

/** For a token that may only watch: without the server's folder, and without connections that are a default. */
const viewOfDefinitions = ({
  definitions,
  command_line: _,
  ...rest
}: DefinitionsAnswer): DefinitionsAnswer => ({
  ...rest,
  definitions: definitions.map((one) => ({ ...one, inputs: viewOfFields(one.inputs) as Fields })),
});
