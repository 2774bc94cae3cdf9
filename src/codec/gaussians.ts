/** From what a network says of a tile to Gaussians, as arrays of means and scales for the coder. */
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import type { Head } from '../model/model.ts';
import { DENOISER_OUTPUTS } from '../network/network.ts';
import type { Size } from '../pyramid/haar.ts';

/** A Gaussian for each coefficient, [height, width, 9]: 16 times its mean, and its scale index. */
export interface Gaussians {
  readonly mean16: Int32Array;
  readonly scale: Uint8Array;
}

export function emptyGaussians({ height, width }: Size): Gaussians {
  const length = height * width * NUM_COEFFICIENTS;
  return { mean16: new Int32Array(length), scale: new Uint8Array(length) };
}

export interface NetworkOutputs {
  readonly head: Head;
  /** [height, width, DENOISER_OUTPUTS] */
  readonly outputs: Int16Array;
  /** [height, width, 3]: classes of local contrast */
  readonly classes: Uint8Array;
  /** [height, width, 9]: the latents that the network saw, if it saw any. */
  readonly y?: Int32Array | undefined;
}

const MEAN_UNIT = 65_536; // 2^16

/** Sets the Gaussians of coefficient c at all positions. */
export function setGaussians(
  { mean16, scale }: Gaussians,
  c: number,
  { head, outputs, classes, y }: NetworkOutputs,
): void {
  const { skip, gain, tauBase, tauStep, scaleOf } = head;
  for (let index = c, position = 0; index < mean16.length; index += NUM_COEFFICIENTS, position++) {
    const row = classes[position * NUM_PLANES + (c % NUM_PLANES)]! * NUM_COEFFICIENTS + c;
    const f = outputs[position * DENOISER_OUTPUTS + c]!;
    const g = outputs[position * DENOISER_OUTPUTS + NUM_COEFFICIENTS + c]!;
    const latent = y === undefined ? 0 : y[index]!;
    // |skip * y| <= 2^20 * 2^15 and |gain * F| < 2^24 * 2^15: exact in doubles, and the quotient is below 2^24.
    mean16[index] = Math.floor((skip[row]! * latent + gain[row]! * f + MEAN_UNIT / 2) / MEAN_UNIT);
    const tau = tauBase[row]! + ((tauStep[row]! * g + 256) >> 9);
    scale[index] = scaleOf[Math.min(Math.max(tau, 0), 255)]!;
  }
}
