/** Words of a command line, as a person pastes them into a shell. */

/** One word for any POSIX shell: as it is where nothing in it means more than itself, in single quotes otherwise. */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
