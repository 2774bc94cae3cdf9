import { expect, it } from 'vitest';
import { denoiserPlanes, knownPlanes, SIN_8, SIN_32 } from '../../src/network/features.ts';
import { NUM_CLASSES } from '../../src/network/local-contrast.ts';

const scale = (value: number) => ({ inScale: new Int32Array(NUM_CLASSES * 9).fill(value), classes: new Uint8Array(3) });

const onePixel = (...low: number[]) =>
  knownPlanes({ height: 1, width: 1, planes: low.length as 1 | 3, data: Int16Array.from(low) });

/** The six planes of a coefficient with value y. */
function planesOf(y: number, inScale: number): number[] {
  const planes = denoiserPlanes(new Int32Array(9).fill(y), scale(inScale));
  return [0, 9, 18, 27, 36, 45].map((plane) => planes[plane]!);
}

it('has tables that are the rounded sines', () => {
  const sines = (period: number) =>
    Array.from({ length: period }, (_, k) => Math.round(32 * Math.sin((2 * Math.PI * k) / period)) + 0);
  expect([...SIN_8]).toEqual(sines(8));
  expect([...SIN_32]).toEqual(sines(32));
});

it('splits the scaled value into a high and a low part', () => {
  for (let y = -2100; y <= 2100; y++) {
    const [high, low] = planesOf(y, 1024) as [number, number];
    const v = Math.min(Math.max(y, -2047), 2047);
    expect(low).toBeGreaterThanOrEqual(-8);
    expect(low).toBeLessThanOrEqual(7);
    if (v + 8 < 2048) expect(16 * high + low).toBe(v);
    else expect(high).toBe(127);
  }
});

it('rounds the scaled value to nearest and clamps it', () => {
  const value = (y: number, inScale: number) => {
    const [high, low] = planesOf(y, inScale) as [number, number];
    return 16 * high + low;
  };
  expect(value(3, 512)).toBe(2);
  expect(value(-3, 512)).toBe(-1);
  expect(value(1, 511)).toBe(0);
  expect(value(-4096, 1 << 17)).toBe(-2047);
  expect(value(4095, 0)).toBe(0);
});

it('gives Fourier features of negative values too', () => {
  for (const y of [-4095, -33, -9, -1, 0, 1, 7, 40, 4095]) {
    const wave = (f: (x: number) => number, period: number) => Math.round(32 * f((2 * Math.PI * y) / period)) + 0;
    expect(planesOf(y, 0).slice(2)).toEqual([
      wave(Math.sin, 8),
      wave(Math.cos, 8),
      wave(Math.sin, 32),
      wave(Math.cos, 32),
    ]);
  }
});

it('clamps values to -4095..4095 before anything else', () => {
  expect(planesOf(100_000, 100)).toEqual(planesOf(4095, 100));
  expect(planesOf(-100_000, 100)).toEqual(planesOf(-4095, 100));
});

it('keeps coefficients, scales and positions apart', () => {
  const y = Int16Array.from({ length: 18 }, (_, i) => i);
  const inScale = Int32Array.from({ length: NUM_CLASSES * 9 }, (_, i) => 1024 * ((i % 9) + 1) * (i < 9 ? 1 : 2));
  const planes = denoiserPlanes(y, { inScale, classes: new Uint8Array(6) });
  expect(planes.length).toBe(108);
  // y = 11 at the second position, coefficient 2, scaled by 3: 33 = 16 * 2 + 1
  expect([planes[54 + 2], planes[54 + 9 + 2]]).toEqual([2, 1]);
  // The plane of coefficient 2 is Cg: in class 3 it is scaled by 6: 66 = 16 * 4 + 2.
  const classed = denoiserPlanes(y, { inScale, classes: Uint8Array.of(0, 0, 0, 0, 0, 3) });
  expect([classed[54 + 2], classed[54 + 9 + 2], classed[54 + 1]]).toEqual([4, 2, planes[54 + 1]]);
});

it('leaves the planes of coefficients that are not seen at 0, and those of others as they are', () => {
  const y = Int16Array.from({ length: 18 }, (_, i) => 5 * i - 40);
  const options = { ...scale(700), classes: new Uint8Array(6) };
  const seen = [1, 0, 1, 0, 0, 1, 1, 0, 1];
  const all = denoiserPlanes(y, options);
  expect(denoiserPlanes(y, { ...options, seen })).toEqual(all.map((value, i) => (seen[i % 9] === 1 ? value : 0)));
  expect(denoiserPlanes(y, { ...options, seen: new Array(9).fill(1) })).toEqual(all);
});

it.each([
  { low: [0, 0, 0], known: [-128, 0, 0, 0, 0] },
  { low: [255, 127, -127], known: [127, 127, -127, 0, 0] },
  { low: [128, 255, -255], known: [0, 127, -127, 127, -128] },
  { low: [128, 128, -128], known: [0, 127, -127, 1, -1] },
  { low: [300, 0, 0], known: [127, 0, 0, 0, 0] },
])('splits $low into $known', ({ low, known }) => {
  expect([...onePixel(...low).slice(0, 5)]).toEqual(known);
});

it('gives a gray image no chroma', () => {
  expect([...onePixel(200).slice(0, 5)]).toEqual([72, 0, 0, 0, 0]);
  expect(onePixel(200)).toEqual(onePixel(200, 0, 0));
});

it('refuses arrays of the wrong length', () => {
  expect(() => denoiserPlanes(new Int32Array(8), scale(1))).toThrow(RangeError);
  expect(() => denoiserPlanes(new Int32Array(9), { ...scale(1), inScale: new Int32Array(9) })).toThrow(RangeError);
  expect(() => denoiserPlanes(new Int32Array(9), { ...scale(1), classes: new Uint8Array(2) })).toThrow(RangeError);
  expect(() => knownPlanes({ height: 1, width: 1, planes: 3, data: new Int16Array(4) })).toThrow(RangeError);
});
