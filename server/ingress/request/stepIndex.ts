/** The step that a path names: `/workflow/state/steps/:index`. */
import type { Request } from "express";
import * as z from "zod";
import { parseWith } from "../json/strictJson.js";
import { WholeNumber } from "./query.js";

const StepPath = z.object({ index: WholeNumber });

/** The step that the path names. Throws SyncError `bad_message`. */
export const indexIn = ({ params }: Pick<Request, "params">): number =>
  parseWith(StepPath, params).index;
