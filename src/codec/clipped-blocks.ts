/**
 * Blocks all of whose pixels have red, green or blue at an end of its range. Once their Co and Cg are known, Y follows (YCoCg-R,
 * src/pyramid/ycocg.ts):
 *
 *     blue = b:   Y = b + (Co >> 1) + (Cg >> 1)
 *     red = r:    the same with b = r - Co
 *     green = g:  Y = g - Cg + (Cg >> 1)
 *
 * Where that gives the low value of Y that is known, a flag tells whether it holds.
 */
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import { BANDS, type Block, planePixels, setDetails } from '../pyramid/block-details.ts';
import { CDF_PRECISION } from '../rans/discretised-gaussian.ts';
import type { SymbolPort } from './symbol-port.ts';

/** Y of a pixel with a channel at 0 or 255. */
const HYPOTHESES: readonly ((co: number, cg: number) => number)[] = [0, 255].flatMap((end) => [
  (co: number, cg: number) => end - co + (co >> 1) + (cg >> 1),
  (_co: number, cg: number) => end - cg + (cg >> 1),
  (co: number, cg: number) => end + (co >> 1) + (cg >> 1),
]);

/** What is known of a position: nothing follows there, its Y does not follow, or it does. */
const NONE = 0;
const REFUSED = 1;
const FOLLOWS = 2;
const NUM_STATES = 3;
/** Of the position to the left and the one above. */
const NUM_CONTEXTS = NUM_STATES * NUM_STATES;
const RATE = 1 / 32;
const MIN_PROBABILITY = 1 / 1024;

/** Learns over the tiles of a band. */
export class ClippedBlocks {
  private readonly probabilities = new Float64Array(NUM_CONTEXTS).fill(0.5);
  private readonly co = new Int32Array(4);
  private readonly cg = new Int32Array(4);
  private readonly luma = new Int32Array(4);
  /** [9], of which those of Y count. */
  private readonly details = new Int32Array(NUM_COEFFICIENTS);
  private states = new Uint8Array(0);
  private width = 0;

  startTile({ height, width }: { height: number; width: number }): void {
    this.states = new Uint8Array(height * width);
    this.width = width;
  }

  follows(position: number): boolean {
    return this.states[position] === FOLLOWS;
  }

  /** Codes whether Y follows at a position whose Co and Cg are known, and sets its details if it does. */
  code(port: SymbolPort, position: number, block: Block): void {
    if (!this.setCandidate(block)) return;
    const { u, base } = block;
    const context = this.contextOf(position);
    const probability = this.probabilities[context]!;
    const isSame = BANDS.every((c) => u[base + c] === this.details[c]);
    const follows = port.flag(Math.floor(probability * (1 << CDF_PRECISION)), isSame);
    const target = follows ? 1 - MIN_PROBABILITY : MIN_PROBABILITY;
    this.probabilities[context] = probability + RATE * (target - probability);
    this.states[position] = follows ? FOLLOWS : REFUSED;
    if (follows) for (const c of BANDS) u[base + c] = this.details[c]!;
  }

  private contextOf(position: number): number {
    const { states, width } = this;
    const left = position % width > 0 ? states[position - 1]! : NONE;
    const above = position >= width ? states[position - width]! : NONE;
    return left * NUM_STATES + above;
  }

  /** Details of Y by the first hypothesis that the low value allows. @returns false if there is none */
  private setCandidate(block: Block): boolean {
    const { co, cg, luma, details } = this;
    planePixels(block, 1, co);
    planePixels(block, 2, cg);
    for (const lumaOf of HYPOTHESES) {
      for (let i = 0; i < luma.length; i++) luma[i] = lumaOf(co[i]!, cg[i]!);
      if (setDetailsOf(luma, details) === block.low[block.lowBase]) return true;
    }
    return false;
  }
}

/** The Haar transform of a block (src/pyramid/haar.ts). @param pixels as planePixels gives them @returns the low value */
function setDetailsOf(pixels: Int32Array, details: Int32Array): number {
  const upper = pixels[0]! - pixels[1]!;
  const lower = pixels[2]! - pixels[3]!;
  const lowerLow = pixels[3]! + (lower >> 1);
  const vertical = pixels[1]! + (upper >> 1) - lowerLow;
  setDetails(details, 0, { vertical, upper, lower });
  return lowerLow + (vertical >> 1);
}
