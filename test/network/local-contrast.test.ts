import { describe, expect, it } from 'vitest';
import { CONTRAST_PLANES, contrastClasses, NUM_CLASSES, writeContrast } from '../../src/network/local-contrast.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

/** Local contrast by its definition, one sample at a time. */
function oracle(data: readonly number[], height: number, width: number, row: number, column: number) {
  const clamp = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1);
  const sums = { s: 0, laplacian: 0, across: 0, down: 0 };
  for (const dy of [-1, 0, 1]) {
    for (const dx of [-1, 0, 1]) {
      const d = data[clamp(row + dy, height) * width + clamp(column + dx, width)]! - data[row * width + column]!;
      sums.s += Math.abs(d);
      sums.laplacian += d;
      sums.across += dx * d;
      sums.down += dy * d;
    }
  }
  return sums;
}

const featuresOf = ({ s, laplacian, across, down }: ReturnType<typeof oracle>): number[] => [
  ...[laplacian, across, down].map((sum) => Math.floor(sum * (96 / (s + 4)) + 0.5)),
  8 * (s.toString(2).length - (s === 0 ? 1 : 0) - 6),
];

describe.each([
  [1, 1],
  [1, 7],
  [5, 1],
  [6, 5],
])('the local contrast of %i x %i', (height, width) => {
  const random = seededRandom(height);
  const planes = [255, 8, 1].map((range) =>
    Array.from({ length: height * width }, () => randomInteger(random, 2 * range + 1) - range),
  );
  const data = Int16Array.from({ length: height * width * 3 }, (_, i) => planes[i % 3]![Math.floor(i / 3)]!);
  const map = { height, width, planes: 3, data } as const;

  it('is what its definition says', () => {
    const out = new Int8Array(height * width * (CONTRAST_PLANES + 2)).fill(77);
    writeContrast(map, out, { first: 1, stride: CONTRAST_PLANES + 2 });
    const classes = contrastClasses(map);
    for (let i = 0; i < height * width; i++) {
      const expected = planes.map((plane) => oracle(plane, height, width, Math.floor(i / width), i % width));
      const start = i * (CONTRAST_PLANES + 2);
      const features = expected.flatMap(featuresOf).map((value) => value + 0);
      expect([...out.subarray(start, start + CONTRAST_PLANES + 2)]).toEqual([77, ...features, 77]);
      expect([...classes.subarray(3 * i, 3 * i + 3)]).toEqual(expected.map(({ s }) => 32 - Math.clz32(s)));
    }
  });

  it('of a gray image is that of one without chroma', () => {
    const gray = { height, width, planes: 1, data: Int16Array.from(planes[0]!) } as const;
    const colour = { ...map, data: data.map((value, i) => (i % 3 === 0 ? value : 0)) };
    const [left, right] = [gray, colour].map((image) => {
      const out = new Int8Array(height * width * CONTRAST_PLANES);
      writeContrast(image, out, { first: 0, stride: CONTRAST_PLANES });
      return [out, contrastClasses(image)];
    });
    expect(left).toEqual(right);
  });
});

it('has a class for every image, and for damaged ones', () => {
  const data = Int16Array.of(-255, 255, -255, 255, -255, 255, -255, 255, -255);
  expect(Math.max(...contrastClasses({ height: 3, width: 3, planes: 1, data }))).toBe(NUM_CLASSES - 1);
  const damaged = data.map((value) => 128 * value);
  expect(Math.max(...contrastClasses({ height: 3, width: 3, planes: 1, data: damaged }))).toBe(NUM_CLASSES - 1);
});
