/** Makes a server's phrase, a part of a sentence, a sentence of its own. Pure. */

export const ended = (text: string): string => (/[.?!…]$/.test(text) ? text : `${text}.`);

export const asSentence = (text: string): string =>
  ended(text.charAt(0).toUpperCase() + text.slice(1));
