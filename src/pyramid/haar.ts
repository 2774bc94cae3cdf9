/**
 * One level of the 2-D integer Haar transform (S-transform: high = a - b, low = b + (high >> 1), which is the floor of
 * the mean), first along the rows, then along the columns of both results. Reversible for every size: at an odd end
 * the last sample is passed to low as it is and has no detail.
 *
 * The 2x2 block at (2 * row, 2 * column) becomes, at position (row, column), one low value and three details a plane:
 *
 *     band 0  horizontal  mean over both rows of (left - right)            exists if the right column does
 *     band 1  vertical    mean of the upper row - mean of the lower row    exists if the lower row does
 *     band 2  diagonal    (left - right) above minus the same below        exists if both do
 *
 * Low values keep the range of the image. For samples in [a, b] with d = b - a, horizontal and vertical details are in
 * [-d, d] and diagonal ones in [-2d, 2d].
 */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** Details a position and plane has away from odd borders. */
export const BAND_COUNT = 3;
export const BAND_HORIZONTAL = 0;
export const BAND_VERTICAL = 1;
export const BAND_DIAGONAL = 2;

export interface HaarLevel {
  /** [ceil(height / 2), ceil(width / 2), planes] */
  readonly low: Int16Array;
  /** [ceil(height / 2), ceil(width / 2), 3 * planes], coefficient = band * planes + plane; 0 where none exists */
  readonly detail: Int16Array;
}

/** Size of the low image: both sides halved, rounded up. */
/** The size after some halvings. */
export function sizeAt({ height, width }: Size, level: number): Size {
  let size: Size = { height, width };
  for (let i = 0; i < level; i++) size = halfSize(size);
  return size;
}

export const halfSize = ({ height, width }: Size): Size => ({
  height: Math.ceil(height / 2),
  width: Math.ceil(width / 2),
});

/** True when a band has a coefficient at a position; `size` is that of the image before the transform. */
export function coefficientExists({ height, width }: Size, row: number, column: number, band: number): boolean {
  const hasRight = 2 * column + 1 < width;
  const hasBelow = 2 * row + 1 < height;
  return (hasRight || band === BAND_VERTICAL) && (hasBelow || band === BAND_HORIZONTAL);
}

/** Number of coefficients that exist in the details of an image: as many as the low image has fewer samples. */
export function coefficientCount(size: Size, planes: number): number {
  const half = halfSize(size);
  return (size.height * size.width - half.height * half.width) * planes;
}

/** Splits an image [height, width, planes] into its low image and details. */
export function analyse(image: Int16Array, height: number, width: number, planes: number): HaarLevel {
  const half = halfSize({ height, width });
  const low = new Int16Array(half.height * half.width * planes);
  const detail = new Int16Array(low.length * BAND_COUNT);
  for (let row = 0; row < half.height; row++) {
    const toBelow = 2 * row + 1 < height ? width * planes : 0;
    for (let column = 0; column < half.width; column++) {
      const toRight = 2 * column + 1 < width ? planes : 0;
      const position = row * half.width + column;
      for (let plane = 0; plane < planes; plane++) {
        const source = (2 * row * width + 2 * column) * planes + plane;
        // At an odd end a sample is paired with itself: its detail is then 0 and its low part the sample.
        const upperRight = image[source + toRight]!;
        const lowerRight = image[source + toBelow + toRight]!;
        const upperHigh = image[source]! - upperRight;
        const lowerHigh = image[source + toBelow]! - lowerRight;
        const upperLow = upperRight + (upperHigh >> 1);
        const lowerLow = lowerRight + (lowerHigh >> 1);
        const diagonal = upperHigh - lowerHigh;
        const vertical = upperLow - lowerLow;
        const target = position * BAND_COUNT * planes + plane;
        low[position * planes + plane] = lowerLow + (vertical >> 1);
        detail[target] = lowerHigh + (diagonal >> 1);
        detail[target + planes] = vertical;
        detail[target + 2 * planes] = diagonal;
      }
    }
  }
  return { low, detail };
}

/** Puts an image [height, width, planes] together again: undoes analyse. Details that do not exist must be 0. */
export function synthesise({ low, detail }: HaarLevel, height: number, width: number, planes: number): Int16Array {
  const half = halfSize({ height, width });
  const image = new Int16Array(height * width * planes);
  for (let row = 0; row < half.height; row++) {
    const toBelow = 2 * row + 1 < height ? width * planes : 0;
    for (let column = 0; column < half.width; column++) {
      const toRight = 2 * column + 1 < width ? planes : 0;
      const position = row * half.width + column;
      for (let plane = 0; plane < planes; plane++) {
        const source = position * BAND_COUNT * planes + plane;
        const vertical = detail[source + planes]!;
        const diagonal = detail[source + 2 * planes]!;
        const lowerLow = low[position * planes + plane]! - (vertical >> 1);
        const lowerHigh = detail[source]! - (diagonal >> 1);
        const upperLow = vertical + lowerLow;
        const upperHigh = diagonal + lowerHigh;
        const lowerRight = lowerLow - (lowerHigh >> 1);
        const upperRight = upperLow - (upperHigh >> 1);
        const target = (2 * row * width + 2 * column) * planes + plane;
        // From the far corner to the near one, so that at an odd end, where they coincide, the near one stays.
        image[target + toBelow + toRight] = lowerRight;
        image[target + toBelow] = lowerHigh + lowerRight;
        image[target + toRight] = upperRight;
        image[target] = upperHigh + upperRight;
      }
    }
  }
  return image;
}
