/** The recipes that come with the package, by name. */
export const EXAMPLE_NAMES = ["backup", "deploy", "gpu-setup"] as const;
