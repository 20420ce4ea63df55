/** The text of a recipe to begin with. Pure. */

/** `head` comes first. */
export const smallRecipe = (name: string, head: string): string => `${head}\
name: ${nameWritten(name)}
title: ${titleOf(name)}

# What whoever starts it is asked for. A command finds it as INPUT_WHOM.
inputs:
  whom: { type: string, title: Whom to greet, default: world }

# What is done, one after the other. Where a command fails, the workflow ends there.
steps:
  - action: greet
    run: echo "Hello, $INPUT_WHOM"

  - action: count
    title: Count to three
    timeout: 1m        # after that it is stopped, and has failed
    retries: 2         # so many more attempts where it fails
    idempotent: true   # doing it twice does no harm
    run: |
      for n in 1 2 3; do
        echo "::progress $((n * 33))::counted to $n"
      done

  # A question, for whoever looks at the page or says \`instep answer\`.
  # - action: sure
  #   ask:
  #     prompt: Go on?
  #     fields:
  #       go: { type: boolean, required: true, title: Go on }
`;

/** The same recipe by another name. */
export const renamed = (text: string, name: string): string =>
  text.replace(/^name:.*$/m, () => `name: ${nameWritten(name)}`);

/** In quotes where it would not be text: `007`, `true`. */
const nameWritten = (name: string): string =>
  /^[A-Za-z]/.test(name) && !/^(true|false|null|yes|no|on|off)$/i.test(name) ? name : `"${name}"`;

function titleOf(name: string): string {
  const words = name.replace(/[-_.]+/g, " ").trim();
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return /^[A-Za-z]/.test(title) && !/^(true|false|null)$/i.test(title) ? title : `"${title}"`;
}
