/** Bounds on every sum inside the network of absorbing diffusion, over all images: below them none overflows 32 bits. */
import type { PixelWeights } from '../absorbing/pixel-network.ts';
import { type DenseWeights, MAX_ACTIVATION, SHIFTS } from '../kernels/dense-backend.ts';

/** Beyond which numbers of 32 bits end. */
const LIMIT = 0x8000_0000;

/** @throws RangeError where a sum could reach 2^31, or for a shift that no layer may have */
export function assertPixelBounds({ input, hidden, heads, outputs }: PixelWeights): void {
  for (const layer of [...hidden.filter((_, i) => i % 2 === 0), ...heads, ...outputs]) boundOf(layer);
  const added = [input, ...hidden.filter((_, i) => i % 2 === 1)];
  const stream = added.reduce((sum, layer) => sum + boundOf(layer) / (1 << layer.shift[0]!) + 1, 0);
  if (!(stream < LIMIT)) throw new RangeError('weights are so large that the residual stream may overflow');
}

/** Largest magnitude that a layer's sums can have. */
export function largestSum({ inputs, outputs, weights, bias }: DenseWeights): number {
  const bounds = Float64Array.from(bias, Math.abs);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) bounds[o]! += Math.abs(weights[i * outputs + o]!) * MAX_ACTIVATION;
  }
  return bounds.reduce((largest, bound) => Math.max(largest, bound), 0);
}

function boundOf(layer: DenseWeights): number {
  const [shift] = layer.shift;
  if (!(shift! >= SHIFTS.least && shift! <= SHIFTS.most)) {
    throw new RangeError(`shifts must be ${SHIFTS.least}..${SHIFTS.most}, found ${shift}`);
  }
  const most = largestSum(layer);
  if (most < LIMIT) return most;
  throw new RangeError('weights are so large that sums may overflow');
}
