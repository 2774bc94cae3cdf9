/** The terms of the bound of all pairs of levels of the grid, of which the best lists of levels follow (src/diffusion/best-levels.ts). */
import type { LevelCosts } from '../diffusion/best-levels.ts';
import { TIME_GRID } from '../diffusion/dimensions.ts';
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { Random } from './random.ts';
import { atTime, type StageTerm, stageBatches, termBits } from './stage-terms.ts';

export interface PairOptions {
  /** Levels are times k / numParts, k = 0 .. numParts. Default: TIME_GRID. */
  readonly numParts?: number;
  /** Of noise, which is the same for all steps from a level, so that these differ by less than their means vary. Default: 1. */
  readonly seed?: number;
}

/**
 * Means over images in bits per dim of the whole image, by condition: the bound of an image is their sum, and the base.
 *
 * @param images pyramids of square images of one size, a power of two
 */
export function pairTerms(
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  { numParts = TIME_GRID, seed = 1 }: PairOptions = {},
): Map<number, LevelCosts> {
  const values = images.length * images[0]![0]!.data.length;
  const costs = new Map<number, MutableCosts>();
  let stream = 0;
  for (const { batch } of stageBatches(images)) {
    const condition = batch.condition[0]!;
    const sums = costs.get(condition) ?? noCosts(numParts);
    costs.set(condition, sums);
    for (let t = 0; t <= numParts; t++) {
      const { state } = Random.stream(seed, stream++);
      const cost = (term: StageTerm): number =>
        termBits(tf, run, { batch, term, random: new Random(state) }).reduce((sum, bits) => sum + bits, 0) / values;
      const timeT = atTime(batch, t / numParts);
      sums.recon[t]! += cost({ kind: 'recon', t: timeT });
      sums.prior[t]! += cost({ kind: 'prior', t: timeT });
      for (let s = 0; s < t; s++) {
        sums.steps[t]![s]! += cost({ kind: 'step', t: timeT, s: atTime(batch, s / numParts) });
      }
    }
  }
  return costs;
}

interface MutableCosts extends LevelCosts {
  readonly recon: number[];
  readonly prior: number[];
  readonly steps: number[][];
}

function noCosts(numParts: number): MutableCosts {
  const levels = Array.from({ length: numParts + 1 }, (_, k) => k);
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  return { recon: levels.map(() => 0), prior: levels.map(() => 0), steps: levels.map(zeros) };
}
