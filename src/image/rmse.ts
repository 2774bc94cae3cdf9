/** How far an estimate of an image is from it. */
import type { Image8 } from './image.ts';

/** Root mean square error of the estimate's samples, in 0..255; alpha, which an estimate has not, is left out. */
export function rmseOf(estimate: Image8, { channels, data }: Image8): number {
  const planes = estimate.channels;
  let sum = 0;
  for (let i = 0; i < estimate.data.length; i++) {
    const error = estimate.data[i]! - data[Math.floor(i / planes) * channels + (i % planes)]!;
    sum += error * error;
  }
  return Math.sqrt(sum / estimate.data.length);
}
