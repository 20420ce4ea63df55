/** What a server says as part of a sentence, made one of its own. Pure. */

export const ended = (text: string): string => (/[.?!…]$/.test(text) ? text : `${text}.`);

export const asSentence = (text: string): string =>
  ended(text.charAt(0).toUpperCase() + text.slice(1));
