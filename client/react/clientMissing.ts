/** The error of a hook that stands below no provider. */

/** Thrown by every hook of `instep/react` where no `InstepProvider` is above it. */
export class ClientMissing extends Error {
  override readonly name = "ClientMissing";

  constructor() {
    super("this component needs an <InstepProvider> above it");
  }
}
