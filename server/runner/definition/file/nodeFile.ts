/** The labels of a definition's `node`: which servers of a cluster may run it, as it stands in a definition file and in code. */
import * as z from "zod";
import { MOST_LABELS, NODE_NAME, NODE_NAME_FORM } from "../../../cluster/nodeName.js";

const FORM = `must be a label: ${NODE_NAME_FORM}`;

const Label = z.string(FORM).regex(NODE_NAME, FORM);

/** A text is one label. */
export const NodeFile = z.preprocess(
  (given) => (typeof given === "string" ? [given] : given),
  z
    .array(Label, "must be a label or a list of labels")
    .min(1, "must have at least one label")
    .max(MOST_LABELS, `must not have more than ${MOST_LABELS} labels`),
);

/** Each label once, for the runner; undefined where any server will do. */
export const nodeLabelsOf = (labels: readonly string[] | undefined) =>
  labels && { nodeLabels: [...new Set(labels)] };
