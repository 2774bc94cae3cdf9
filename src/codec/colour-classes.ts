/** Classes of details by the colour of the low image at their block: where colours are alike, errors are. */
import { NUM_PLANES } from '../diffusion/dimensions.ts';
import type { Block } from '../pyramid/block-details.ts';

/** Cells of Y, Co and Cg; of gray as many of Y. */
const CELLS = [4, 4, 3] as const;
export const NUM_COLOUR_CLASSES = CELLS[0] * CELLS[1] * CELLS[2];
const Y_CELL = 64;
/** Of Co and Cg, whose cells reach as far below 0 as above; the outermost ones hold what is beyond. */
const CHROMA_CELL = 32;

/** @returns 0..NUM_COLOUR_CLASSES - 1 */
export function colourClass({ low, lowBase }: Block, planes: 1 | 3): number {
  const y = low[lowBase]!;
  if (planes < NUM_PLANES) return cell((3 * y) / 16, NUM_COLOUR_CLASSES);
  const co = cell(low[lowBase + 1]! / CHROMA_CELL + CELLS[1] / 2, CELLS[1]);
  const cg = cell(low[lowBase + 2]! / CHROMA_CELL + CELLS[2] / 2, CELLS[2]);
  return cell(y / Y_CELL, CELLS[0]) + CELLS[0] * (co + CELLS[1] * cg);
}

const cell = (position: number, count: number): number => Math.min(Math.max(Math.floor(position), 0), count - 1);
