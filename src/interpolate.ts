/** Images between two others (DDPM, arXiv:2006.11239, section 4.3): their latents are mixed, and the model takes the noise away. */
import { lowPixels, PixelSamples, planeCount } from './codec/planes.ts';
import { mixStage } from './codec/stage-codec.ts';
import { stepsFor } from './effort.ts';
import { assertImage, type Image, type Image8, requireImage8 } from './image/image.ts';
import { encoderOf } from './open-coder.ts';
import { PlainSamples } from './pyramid/samples.ts';
import { buildPyramid } from './pyramid/stages.ts';
import { randomStack, type SampleOptions } from './sample.ts';

export interface InterpolateOptions extends SampleOptions {
  /** Share of the second image, 0..1. Default 0.5. */
  readonly weight?: number | undefined;
  /**
   * How far noise goes, as a share of the chain's latents, 0..1: 0 fades one image into the other, 1 keeps little more of
   * them than the colours of large areas. Default 0.5.
   */
  readonly noise?: number | undefined;
}

/**
 * An image between two of one size and kind; alpha is left out. The noise depends on the seed alone, so that images of
 * one seed and rising weight make a sequence.
 *
 * @throws TypeError or RangeError for a malformed image, images that differ in size or channels, or a wrong option;
 *   CodecError 'unsupported-image' for 16 bits a sample
 */
export async function interpolate(first: Image, second: Image, options: InterpolateOptions = {}): Promise<Image8> {
  const { weight = 0.5, noise = 0.5 } = options;
  assertImage(first);
  assertImage(second);
  const [from, to] = [requireImage8(first), requireImage8(second)];
  const { height, width } = from;
  const planes = planeCount(from.channels);
  if (to.height !== height || to.width !== width || planeCount(to.channels) !== planes) {
    throw new RangeError('images to interpolate must have one size, and both be gray or both be RGB');
  }
  assertShare('weight', weight);
  assertShare('noise', noise);
  const { stack, fill } = randomStack(options);
  const coder = await encoderOf({ height, width, channels: planes }, stepsFor(options), options);
  const pyramids = {
    from: buildPyramid(new PixelSamples(from), planes),
    to: buildPyramid(new PixelSamples(to), planes),
  };
  let low: Int16Array = pyramids.from.base.map((value, i) =>
    Math.round(value + weight * (pyramids.to.base[i]! - value)),
  );
  for (let level = pyramids.from.stages.length - 1; level >= 0; level--) {
    const mixture = { from: pyramids.from.stages[level]!, to: pyramids.to.stages[level]!, weight, noise };
    const image = new PlainSamples(mixture.from, planes);
    await mixStage(stack, { ...mixture.from, low, image }, coder, { mixture, fill });
    low = image.data;
  }
  return lowPixels({ height, width, data: low }, planes);
}

function assertShare(name: string, share: number): void {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`"${name}" must be in 0..1, got ${share}`);
}
