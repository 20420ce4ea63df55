/** What somebody looks for who asks what went wrong. */
const WORDS =
  /(?<!\b(?:0|no|without) )\b(?:errors?|fail(?:s|ed|ure|ures)?|fatal|panic(?:ked)?|traceback|exception|segfault|segmentation fault|cannot|denied|not found)\b/i;
const NAMES = /\b[A-Z][A-Za-z]+(?:Error|Exception)\b/;

export const looksLikeError = (text: string): boolean => WORDS.test(text) || NAMES.test(text);
