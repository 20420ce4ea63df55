/** Makes a screenshot smaller without changing a pixel: browsers compress in a hurry, and the pictures are in the package. */
import { PNG } from "pngjs";

/** The smallest file of the same picture; the one that was given where none is smaller. */
export function smallPng(given) {
  const picture = PNG.sync.read(given);
  // Screenshots are opaque: a fourth channel would say nothing.
  const isOpaque = picture.data.every((value, at) => at % 4 !== 3 || value === 255);
  let smallest = given;
  for (const filterType of [0, 1, 2, 3, 4, -1]) {
    const how = { deflateLevel: 9, deflateStrategy: 0, filterType, colorType: isOpaque ? 2 : 6 };
    const made = PNG.sync.write(picture, how);
    if (made.length < smallest.length) smallest = made;
  }
  return smallest;
}
