/** Changes as Instep sends them: RFC 6902, and in fewer words (PROTOCOL.md). What was there before stays as it is. */

export function patched(document, operations) {
  return operations.reduce(
    (value, { op, path, value: wanted }) => changedAt(value, tokensOf(path), op, wanted),
    document,
  );
}

/** Each object that a pointer names, with the members that it gets. */
export function merged(document, objects) {
  return Object.entries(objects).reduce((value, [path, members]) => {
    const tokens = tokensOf(path);
    const before = tokens.reduce((at, token) => at?.[token], value);
    if (typeof before !== "object" || before === null)
      throw new Error(`a change names what is not there: ${path}`);
    return changedAt(value, tokens, "replace", { ...before, ...members });
  }, document);
}

function tokensOf(path) {
  return path
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function changedAt(value, [token, ...rest], op, wanted) {
  if (token === undefined) return wanted;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  if (rest.length > 0) {
    if (!(token in copy)) throw new Error(`a patch names what is not there: ${token}`);
    copy[token] = changedAt(copy[token], rest, op, wanted);
  } else if (Array.isArray(copy)) {
    const at = token === "-" ? copy.length : Number(token);
    if (op === "replace") copy[at] = wanted;
    else copy.splice(at, op === "remove" ? 1 : 0, ...(op === "remove" ? [] : [wanted]));
  } else if (op === "remove") delete copy[token];
  else copy[token] = wanted;
  return copy;
}
