/** A question as it stands in a definition file. */
import * as z from "zod";
import { isFromServer, isSecret } from "../../../../shared/fields/fields.js";
import { checkGiven } from "../../../fields/givenValues.js";
import type { PatternRules } from "./patternRules.js";
import { duration, ShellCommand, text, Values } from "./values.js";

export const questionFile = ({ fields: FieldList, matcher }: PatternRules) =>
  z
    .strictObject(
      {
        prompt: text
          .min(1, "must not be empty")
          .max(8_000, "must not be longer than 8000 characters"),
        fields: FieldList.default({}),
        default: Values.optional(),
        deadline: duration(1).optional(),
        when: ShellCommand.optional(),
      },
      { error: "must have a `prompt`" },
    )
    .superRefine(({ fields, default: given, deadline }, context) => {
      const complain = (path: string[], message: string) =>
        context.addIssue({ code: "custom", path, message });
      for (const name of Object.keys(fields))
        if (isFromServer(fields[name]))
          complain(["fields", name, "from"], "is for inputs: a question is answered by somebody");
      if (given === undefined) return;
      if (deadline === undefined) complain(["default"], "is for the deadline, and there is none");
      // Everybody who sees the question would see it.
      for (const name of Object.keys(given))
        if (isSecret(fields[name])) complain(["default", name], "a secret has no default");
      const checked = checkGiven(fields, given, matcher?.() ?? null);
      if (checked.ok) return;
      for (const { path, message } of checked.problems) complain(["default", path], message);
    });
