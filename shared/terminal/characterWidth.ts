/** How many columns of a terminal a character takes. */

/** They stand on the character before, or are not seen at all. */
const NOTHING = /[\p{Mn}\p{Me}\p{Cf}\p{Emoji_Modifier}\u1160-\u11ff]/u;
/** East Asian wide and fullwidth characters (UAX 11) that are no emoji. */
const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\u2329\u232a\u2630-\u2637\u268a-\u268f\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;

/** 0 for a combining mark, 2 for a Chinese character or an emoji, 1 for nearly all others. */
export function characterWidth(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return code === 0xad ? 0 : 1;
  // Most of what is printed and no ASCII: Greek and Cyrillic, lines and blocks, Chinese.
  if ((code >= 0x370 && code < 0x483) || (code >= 0x2500 && code < 0x25fd)) return 1;
  if (code >= 0x4e00 && code < 0xa000) return 2;
  if (NOTHING.test(character)) return 0;
  // Half of a flag.
  if (code >= 0x1f1e6 && code <= 0x1f1ff) return 1;
  return WIDE.test(character) ? 2 : 1;
}
