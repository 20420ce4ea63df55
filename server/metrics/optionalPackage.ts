/** Loads a package that only some installations have: whoever asks for what it does, and does not have it, hears its name. */

/** Thrown where a setting needs a package that is not installed. Its message says which, and how to get it. */
export class PackageMissing extends Error {
  override readonly name = "PackageMissing";
}

const NOT_FOUND = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"];

/** Resolves with the package. Rejects with PackageMissing where it is not installed; `setting` names what asked for it. */
export async function optionalPackage<T>(
  setting: string,
  name: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!NOT_FOUND.includes(code)) throw error;
    const words = `${setting}: the package ${name} is needed, and is not installed beside instep`;
    throw new PackageMissing(`${words}. Install it: npm install ${name}`, { cause: error });
  }
}
