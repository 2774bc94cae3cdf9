/** Batches of pixels for a plain VDM: whole 32x32 images, or patches of photographs, flipped and turned at random. */
import { NUM_PLANES } from '../diffusion/dimensions.ts';
import { ycocgToRgb } from '../pyramid/ycocg.ts';
import { examplesOf } from './batch.ts';
import { assertLargeEnough, type BatchSizes, cut } from './batch-sampler.ts';
import type { TrainConfig } from './config.ts';
import type { Dataset, Plane } from './dataset.ts';
import type { Random } from './random.ts';

export interface PixelBatch {
  readonly size: number;
  /** Height and width. */
  readonly side: number;
  /** [size, side, side, 3] levels 0..255 of R, G and B */
  readonly levels: Uint8Array;
}

/** @param planes square, of one size */
export function pixelBatch(planes: readonly Plane[]): PixelBatch {
  const side = planes[0]!.height;
  const levels = new Uint8Array(planes.length * side * side * NUM_PLANES);
  for (const [i, { data }] of planes.entries()) levels.set(ycocgToRgb(data), i * data.length);
  return { size: planes.length, side, levels };
}

interface Kind {
  readonly name: 'photos' | 'small';
  /** Of which examples are cut. */
  readonly planes: readonly Plane[];
  /** Of an example. */
  readonly side: number;
  readonly share: number;
}

/** Draws batches as large as those of pyramids' finest stages; all randomness comes from `random`. */
export class PixelSampler {
  private readonly batchPositions: number;
  /** Those that are drawn. */
  private readonly kinds: readonly Kind[];

  /** @throws RangeError when the images allow no batch of the config's mixture. */
  constructor(dataset: Dataset, { mixture, patchPositions, batchPositions }: TrainConfig) {
    this.batchPositions = batchPositions;
    const [photos, small] = [dataset.photos, dataset.small].map((images) => images.map(([finest]) => finest!));
    const kinds: readonly Kind[] = [
      { name: 'photos', planes: photos!, side: 2 * patchPositions, share: mixture.photos },
      { name: 'small', planes: small!, side: small![0]?.height ?? 0, share: mixture.small },
    ];
    const drawn = kinds.filter(({ planes, share }) => planes.length > 0 && share > 0);
    if (drawn.length === 0) throw new RangeError('"mixture" asks for none of the images given');
    if (drawn.some(({ name }) => name === 'photos')) assertLargeEnough(dataset, 2 * patchPositions);
    this.kinds = drawn.map((kind) => ({ ...kind, planes: kind.planes.filter((plane) => isLarge(plane, kind.side)) }));
  }

  /** Kinds that are never drawn are left out. */
  get sizes(): BatchSizes {
    return Object.fromEntries(this.kinds.map(({ name, side }) => [name, examplesOf(side, this.batchPositions)]));
  }

  next(random: Random): PixelBatch {
    const { planes, side } = this.drawKind(random);
    const drawn = Array.from({ length: examplesOf(side, this.batchPositions) }, () => {
      const data = cut(planes[random.integer(planes.length)]!, { side, gray: false }, random);
      return { height: side, width: side, data };
    });
    return pixelBatch(drawn);
  }

  private drawKind(random: Random): Kind {
    const shares = this.kinds.map(({ share }) => share);
    return this.kinds[shares.length === 1 ? 0 : random.choice(shares)]!;
  }
}

const isLarge = ({ height, width }: Plane, side: number): boolean => Math.min(height, width) >= side;
