/** The recipe as JSON Schema: what editors complete and mark with is what the server checks with. */
import { expect, it } from "vitest";
import { recipeSchema } from "../../server/runner/definition/editors/recipeSchema.js";

it("describes a recipe as the server checks it (vitest --update writes it anew)", async () => {
  await expect(`${JSON.stringify(recipeSchema())}\n`).toMatchFileSnapshot(
    "../../shared/recipe.schema.json",
  );
});
