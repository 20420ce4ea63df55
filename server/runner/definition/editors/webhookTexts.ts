/** The texts that an editor shows for each key of a webhook in a recipe. */
import type { KeyWords } from "./keyTexts.js";

export const WEBHOOK_WORDS: Readonly<Record<string, KeyWords>> = {
  url: {
    about: "An address with https, or `{env: NAME}` or `{file: path}` where it is kept.",
    examples: ["https://example.org/hook", { env: "SLACK_URL" }],
  },
  name: { about: "What its deliveries are called by.", examples: ["team"] },
  events: { about: "What it is told of. All three where missing.", examples: [["ended"]] },
  secret: {
    about: "What deliveries are signed with: a variable of the server, or a file of its own.",
    examples: [{ env: "HOOK_SECRET" }, { file: "hook-secret" }],
  },
  format: { about: "What the receiver reads.", usual: "json" },
  headers: {
    about: "Headers that go with each delivery, as text or `{env: NAME}` or `{file: path}`.",
    examples: [{ Authorization: { env: "HOOK_AUTHORIZATION" } }],
  },
  allow_private: {
    about: "Lets it lead into a private network, or to the server's own machine, also by http.",
  },
};
