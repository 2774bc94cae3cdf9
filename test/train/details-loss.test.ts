import { describe, expect, it } from 'vitest';
import { NUM_PASSES, PASS_OF } from '../../src/diffusion/passes.ts';
import { discretisedBits } from '../../src/diffusion/vlb.ts';
import { KNOWN_PLANES } from '../../src/network/network.ts';
import type { Tf } from '../../src/tensorflow.ts';
import type { Batch } from '../../src/train/batch.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import { detailsLoss, drawPasses } from '../../src/train/details-loss.ts';
import { Random } from '../../src/train/random.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { randomRun } from '../helpers/tiny-runs.ts';

const SIDE = 3;
const VALUES = SIDE * SIDE * 9;
const CONDITION = 1;
const PASSES = Array.from({ length: NUM_PASSES }, (_, pass) => pass);

/** One example, repeated; a gray one has only the coefficients of Y. */
function batchOf(size: number, { gray = false } = {}): Batch {
  const random = new Random(11);
  const isThere = (c: number) => !gray || c % 3 === 0;
  const detail = Array.from(random.normal(VALUES), (value, i) => (isThere(i % 9) ? Math.round(8 * value) : 0));
  const shift = Array.from(random.normal(VALUES), (value) => Math.round(8 * value) / 16);
  const known = Array.from(random.normal(SIDE * SIDE * KNOWN_PLANES), (value) => Math.round(20 * value) / 32);
  const mask = Array.from({ length: 9 }, (_, c) => (isThere(c) ? 1 : 0));
  const repeat = (values: readonly number[]) => Float32Array.from(Array.from({ length: size }, () => values).flat());
  const shape = { size, height: SIDE, width: SIDE, condition: new Int32Array(size).fill(CONDITION) };
  const classes = new Uint8Array(size * SIDE * SIDE * 3);
  return { ...shape, detail: repeat(detail), shift: repeat(shift), known: repeat(known), classes, mask: repeat(mask) };
}

function lossOf(tf: Tf, run: RunState, batch: Batch, passes: readonly number[]): number {
  const { parameters, config, standardDeviations } = run;
  const inputs = { batch, pass: Uint8Array.from(passes), standardDeviations };
  return tf.tidy(() => detailsLoss(tf, parameters, config, inputs).dataSync()[0]!) as unknown as number;
}

/** The same run with constant F and G for every coefficient. */
function constantRun(tf: Tf, f: number, g: number): RunState {
  const run = randomRun(tf, { seed: 21 });
  const outputs = Array.from({ length: 18 }, (_, o) => (o < 9 ? f : g));
  const denoiserOut = tf.zerosLike(run.parameters.denoiserOut!);
  return { ...run, parameters: { ...run.parameters, denoiserOut, denoiserOutBias: tf.tensor1d(outputs) } };
}

/** Bits of the details of a pass for F = 0.25 and G = -0.5. */
function bitsOfPass({ standardDeviations }: RunState, { detail, shift, mask }: Batch, pass: number): number {
  return detail.reduce((sum, u, i) => {
    if (PASS_OF[i % 9] !== pass || mask[i % 9] === 0) return sum;
    const sd = standardDeviations[CONDITION]![i % 9]!;
    return sum + discretisedBits(u + shift[i]! - 0.25 * sd, sd * Math.SQRT1_2);
  }, 0);
}

/** The batch with other details, and shifts, of the passes that are asked for. */
const changed = (batch: Batch, isChanged: (pass: number) => boolean): Batch => ({
  ...batch,
  detail: batch.detail.map((value, i) => (isChanged(PASS_OF[i % 9]!) ? value + 9 : value)),
  shift: batch.shift.map((value, i) => (isChanged(PASS_OF[i % 9]!) ? 0.5 - value : value)),
});

/** The batch with other details of a pass, which with their shifts are the same as before. */
const hidden = (batch: Batch, pass: number): Batch => ({
  ...batch,
  detail: batch.detail.map((value, i) => (PASS_OF[i % 9] === pass ? value + (i % 23) - 11 : value)),
  shift: batch.shift.map((value, i) => (PASS_OF[i % 9] === pass ? value - (i % 23) + 11 : value)),
});

describeBackends('detailsLoss', (tf) => {
  it.each([false, true])('is the closed form in every pass (gray: %s)', (gray) => {
    const run = constantRun(tf, 0.25, -0.5);
    const batch = batchOf(1, { gray });
    for (const pass of PASSES) {
      const expected = (NUM_PASSES * bitsOfPass(run, batch, pass)) / VALUES;
      // Gray examples have nothing in the passes of Co and Cg alone.
      expect(expected === 0).toBe(gray && pass < 4);
      expect(Math.abs(lossOf(tf, run, batch, [pass]) - expected)).toBeLessThanOrEqual(1e-3 * expected);
    }
  });

  it('takes no deviation to be below 1/32', () => {
    const batch = batchOf(1);
    const near = { ...batch, detail: batch.detail.fill(0), shift: batch.shift.fill(0.5 + 1 / 32) };
    // One deviation beyond the end of the interval of 0.
    const expected = (-Math.log2(0.15865525) * 2 * SIDE * SIDE * NUM_PASSES) / VALUES;
    expect(lossOf(tf, constantRun(tf, 0, -20), near, [2]) / expected).toBeCloseTo(1, 3);
  });

  it('is the mean over examples, each of which stands for its own pass', () => {
    const run = randomRun(tf, { seed: 22 });
    const alone = PASSES.map((pass) => lossOf(tf, run, batchOf(1), [pass]));
    const mean = alone.reduce((sum, loss) => sum + loss, 0) / NUM_PASSES;
    expect(lossOf(tf, run, batchOf(NUM_PASSES), PASSES) / mean).toBeCloseTo(1, 5);
  });

  it('shows a pass the details of earlier ones, and neither its own nor those of later ones', () => {
    const run = randomRun(tf, { seed: 23 });
    const batch = batchOf(1);
    for (const pass of PASSES) {
      const lossWith = (other: Batch): number => lossOf(tf, run, other, [pass]);
      const loss = lossWith(batch);
      expect(lossWith(changed(batch, (own) => own > pass))).toBe(loss);
      expect(lossWith(hidden(batch, pass))).toBe(loss);
      for (let earlier = 0; earlier < pass; earlier++) {
        expect(lossWith(changed(batch, (own) => own === earlier))).not.toBe(loss);
      }
    }
  });
});

describe('drawPasses', () => {
  const offsets = (count: number) => Array.from({ length: count }, (_, k) => (k + 0.5) / count);
  const drawn = (size: number, offset: number): number[] => [
    ...drawPasses(size, Object.assign(new Random(1), { uniform: () => offset })),
  ];

  it('has every pass as often as the others in batches of as many examples or a multiple', () => {
    for (const offset of offsets(20)) {
      expect(drawn(7, offset)).toEqual(PASSES);
      expect(drawn(14, offset)).toEqual(PASSES.flatMap((pass) => [pass, pass]));
    }
  });

  it.each([1, 3, 16])('has every pass as often as the others over many batches of %d', (size) => {
    const counts = new Array<number>(NUM_PASSES).fill(0);
    for (const offset of offsets(7)) for (const pass of drawn(size, offset)) counts[pass]!++;
    expect(counts).toEqual(new Array(NUM_PASSES).fill(size));
  });

  it('spreads the passes of one batch', () => {
    for (const offset of offsets(10)) expect(new Set(drawn(4, offset)).size).toBe(4);
  });
});
