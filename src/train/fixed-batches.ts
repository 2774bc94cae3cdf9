/** Validation: figures of one run compare where batches, and all that is drawn for them, are always the same. */
import { Random } from './random.ts';

const BATCHES = 6;
const SEED = 12345;

/** The mean over fixed batches. @param bitsOf what a batch costs; draws from the random numbers that the next batch goes on with */
export function meanOfFixedBatches<Batch>(
  sampler: { next(random: Random): Batch },
  bitsOf: (batch: Batch, random: Random) => number,
): number {
  const random = new Random(SEED);
  let sum = 0;
  for (let i = 0; i < BATCHES; i++) sum += bitsOf(sampler.next(random), random);
  return sum / BATCHES;
}
