/**
 * How much the known image changes around a position, plane by plane: the scale of the details to expect there.
 *
 * s is the sum of the absolute differences of a sample to its eight neighbours, and its class the number of binary
 * digits of s, 0..12 for images. Differences divided by s tell the shape of what is there with the same precision in
 * smooth parts as at edges. A neighbour outside the image is the nearest sample inside.
 */
export const NUM_CLASSES = 13;
/** Planes of an image, whether it has them or not. */
const PLANES = 3;
/** Input planes for each plane of the image: Laplacian and both gradients over s, and the class. */
const FEATURES = 4;
export const CONTRAST_PLANES = PLANES * FEATURES;
/** Keeps quotients of small s small: differences of a level or two may be noise. */
const SOFTENING = 4;
const QUOTIENT_UNIT = 96;
const CLASS_UNIT = 8;
const MIDDLE_CLASS = 6;

export interface KnownMap {
  readonly height: number;
  readonly width: number;
  readonly planes: 1 | 3;
  /** [height, width, planes] */
  readonly data: Int16Array;
}

/** [height, width, 3]: class of each plane, 0 where there is none. */
export function contrastClasses(map: KnownMap): Uint8Array {
  const classes = new Uint8Array(map.height * map.width * PLANES);
  forEachNeighbourhood(map, (position, plane, { s }) => {
    classes[position * PLANES + plane] = classOf(s);
  });
  return classes;
}

/** Writes CONTRAST_PLANES input planes a position, from `first` of each `stride` on. */
export function writeContrast(
  map: KnownMap,
  out: Int8Array,
  { first, stride }: { first: number; stride: number },
): void {
  for (let at = first; at < out.length; at += stride) {
    for (let plane = map.planes; plane < PLANES; plane++) out[at + plane * FEATURES + 3] = -MIDDLE_CLASS * CLASS_UNIT;
  }
  forEachNeighbourhood(map, (position, plane, { s, laplacian, across, down }) => {
    const at = position * stride + first + plane * FEATURES;
    // At most QUOTIENT_UNIT in size, since each of the three sums is at most s.
    const scale = QUOTIENT_UNIT / (s + SOFTENING);
    out[at] = Math.floor(laplacian * scale + 0.5);
    out[at + 1] = Math.floor(across * scale + 0.5);
    out[at + 2] = Math.floor(down * scale + 0.5);
    out[at + 3] = (classOf(s) - MIDDLE_CLASS) * CLASS_UNIT;
  });
}

const classOf = (s: number): number => Math.min(32 - Math.clz32(s), NUM_CLASSES - 1);

/** Sums over the eight neighbours of their differences d to the middle. */
interface Neighbourhood {
  /** Of |d|. */
  s: number;
  /** Of d. */
  laplacian: number;
  /** Of d on the right minus d on the left. */
  across: number;
  /** Of d below minus d above. */
  down: number;
}

type Visit = (position: number, plane: number, sums: Neighbourhood) => void;

function forEachNeighbourhood({ height, width, planes, data }: KnownMap, visit: Visit): void {
  const sums = { s: 0, laplacian: 0, across: 0, down: 0 };
  for (let row = 0; row < height; row++) {
    const above = (row > 0 ? row - 1 : row) * width;
    const below = (row + 1 < height ? row + 1 : row) * width;
    for (let column = 0; column < width; column++) {
      const left = column > 0 ? column - 1 : column;
      const right = column + 1 < width ? column + 1 : column;
      for (let plane = 0; plane < planes; plane++) {
        const position = row * width + column;
        const middle = data[position * planes + plane]!;
        const at = (start: number, offset: number): number => data[(start + offset) * planes + plane]! - middle;
        const [nw, n, ne] = [at(above, left), at(above, column), at(above, right)];
        const [w, e] = [at(row * width, left), at(row * width, right)];
        const [sw, s, se] = [at(below, left), at(below, column), at(below, right)];
        sums.s =
          Math.abs(nw) +
          Math.abs(n) +
          Math.abs(ne) +
          Math.abs(w) +
          Math.abs(e) +
          Math.abs(sw) +
          Math.abs(s) +
          Math.abs(se);
        sums.laplacian = nw + n + ne + w + e + sw + s + se;
        sums.across = ne + e + se - nw - w - sw;
        sums.down = sw + s + se - nw - n - ne;
        visit(position, plane, sums);
      }
    }
  }
}
