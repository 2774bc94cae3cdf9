/** The distinct colours of an image that has few. */
import type { Image8 } from './image.ts';

/** Most colours of a palette. */
export const MAX_COLOURS = 256;

/** A colour as a number, red, green, blue and alpha from the high byte down. @param bytes red, green and blue from an index on */
export const rgbaNumber = (bytes: Uint8Array, at: number, alpha: number): number =>
  ((bytes[at]! * 256 + bytes[at + 1]!) * 256 + bytes[at + 2]!) * 256 + alpha;

/** Red, green and blue of such a number. */
export const rgbOf = (colour: number): number[] => [24, 16, 8].map((shift) => (colour >>> shift) & 255);

/** The colours in the order of their first pixels, each its samples as the bytes of a number; undefined beyond 256. */
export function fewColours(image: Image8): number[] | undefined {
  const counts = countFewColours(image);
  return counts && [...counts.keys()];
}

/** The same with the pixels that have them. */
export function countFewColours({ channels, data }: Image8): Map<number, number> | undefined {
  const counts = new Map<number, number>();
  let [last, start] = [-1, 0];
  const addRun = (end: number) => counts.set(last, (counts.get(last) ?? 0) + (end - start) / channels);
  for (let i = 0; i < data.length; i += channels) {
    let colour = 0;
    for (let c = 0; c < channels; c++) colour = colour * 256 + data[i + c]!;
    if (colour === last) continue;
    if (i > 0) addRun(i);
    if (counts.size === MAX_COLOURS && !counts.has(colour)) return undefined;
    [last, start] = [colour, i];
  }
  addRun(data.length);
  return counts;
}
