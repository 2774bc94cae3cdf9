/** The distinct colours of an image that has few. */
import type { Image8 } from './image.ts';

/** Most colours of a palette. */
export const MAX_COLOURS = 256;

/** The colours in the order of their first pixels, each its samples as the bytes of a number; undefined beyond 256. */
export function fewColours({ channels, data }: Image8): number[] | undefined {
  const colours = new Set<number>();
  let last = -1;
  for (let i = 0; i < data.length; i += channels) {
    let colour = 0;
    for (let c = 0; c < channels; c++) colour = colour * 256 + data[i + c]!;
    if (colour === last) continue;
    last = colour;
    if (colours.size === MAX_COLOURS && !colours.has(colour)) return undefined;
    colours.add(colour);
  }
  return [...colours];
}
