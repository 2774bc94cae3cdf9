/**
 * A bound on every number inside the network of absorbing diffusion, over all images: below it no sum overflows, so there are no
 * infinities and no NaN, whose bits machines may choose.
 */
import { MAX_DIFFERENCE } from '../absorbing/neighbourhood.ts';
import { MAX_KNOWN, NUM_KNOWN, type PixelWeights } from '../absorbing/pixel-network.ts';
import type { DenseWeights } from '../kernels/dense-backend.ts';

/** Far below the largest float32, 2^128, and far above any trained network. */
const MAX_MAGNITUDE = 1e30;

/** @throws RangeError where a number could reach 1e30 */
export function assertPixelBounds({ input, hidden, heads, outputs }: PixelWeights): void {
  let stream = boundsOf(input, new Float64Array(input.inputs).fill(MAX_DIFFERENCE));
  for (let i = 0; i < hidden.length; i += 2) {
    const added = boundsOf(hidden[i + 1]!, boundsOf(hidden[i]!, stream));
    stream = stream.map((bound, o) => bound + added[o]!);
  }
  const features = Float64Array.of(...stream, ...new Float64Array(NUM_KNOWN).fill(MAX_KNOWN));
  for (const [i, head] of heads.entries()) boundsOf(outputs[i]!, boundsOf(head, features));
}

/** Largest magnitudes of a layer's sums, of inputs up to `magnitudes`. */
function boundsOf({ inputs, outputs, weights, bias }: DenseWeights, magnitudes: Float64Array): Float64Array {
  const bounds = Float64Array.from(bias, Math.abs);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) bounds[o]! += Math.abs(weights[i * outputs + o]!) * magnitudes[i]!;
  }
  if (bounds.every((bound) => bound < MAX_MAGNITUDE)) return bounds;
  throw new RangeError('weights are so large that sums may overflow');
}
