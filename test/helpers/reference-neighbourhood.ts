/** What the network sees of a pixel, from the definition alone: the oracle for src/absorbing/neighbourhood.ts. */
import type { Pixels } from '../../src/absorbing/neighbourhood.ts';

const SEEN = [
  [-4, 1],
  [-3, 3],
  [-2, 3],
  [-1, 4],
] as const;

/** [dRow, dColumn], from the uppermost row down and from the left. */
export const REFERENCE_OFFSETS: readonly (readonly [number, number])[] = [
  ...SEEN.flatMap(([row, reach]) =>
    Array.from({ length: 2 * reach + 1 }, (_, i): [number, number] => [row, i - reach]),
  ),
  ...[-4, -3, -2, -1].map((column): [number, number] => [0, column]),
];

const CHANNELS = [0, 1, 2];
const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));
const oneHot = (length: number, index: number): number[] =>
  Array.from({ length }, (_, i) => (i === Math.min(index, length - 1) ? 1 : 0));

/** In units of 1/256, halves upward. */
const inUnits = (value: number): number => Math.floor(256 * value + 0.5) + 0;

export interface Seen {
  readonly prediction: readonly number[];
  readonly spread: number;
  readonly inputs: readonly number[];
}

export function referenceLook({ height, width, data }: Pixels, row: number, column: number): Seen {
  const at = (dRow: number, dColumn: number): readonly number[] | undefined => {
    const [y, x] = [row + dRow, column + dColumn];
    if (y < 0 || x < 0 || y >= height || x >= width) return undefined;
    return CHANNELS.map((c) => data[(y * width + x) * 3 + c]!);
  };
  const [left, above, corner] = [at(0, -1), at(-1, 0), at(-1, -1)];
  const prediction = CHANNELS.map((c) => {
    if (left === undefined || above === undefined) return (left ?? above)?.[c] ?? 128;
    // The middle one of left, above and their sum less the corner: the same rule in another form.
    return [left[c]!, above[c]!, left[c]! + above[c]! - corner![c]!].sort((a, b) => a - b)[1]!;
  });
  const differences = REFERENCE_OFFSETS.map(([dRow, dColumn]) => {
    const pixel = at(dRow, dColumn);
    return CHANNELS.map((c) => (pixel === undefined ? 0 : pixel[c]! - prediction[c]!));
  });
  const isNear = REFERENCE_OFFSETS.map(([dRow, dColumn]) => Math.abs(dRow) + Math.abs(dColumn) <= 2);
  const near = differences.filter((_, i) => isNear[i]).flat();
  const sum = near.reduce((total, difference) => total + Math.abs(difference), 8);
  const spread = sum / near.length;
  const inputs = [
    ...differences.flat().map((difference) => clamp((difference * (256 / spread)) / 256, 6)),
    ...oneHot(5, column),
    ...oneHot(5, row),
    ...oneHot(5, width - 1 - column),
    // 8..15 are class 0, then each doubling is one more.
    ...oneHot(10, Math.floor(Math.log2(sum)) - 3),
    ...prediction.map((value) => value / 128 - 1),
    ...prediction.map((value) => Math.min(value, 16) / 16),
    ...prediction.map((value) => Math.min(255 - value, 16) / 16),
    Math.min(spread / 32, 2),
  ];
  return { prediction, spread, inputs: inputs.map(inUnits) };
}
