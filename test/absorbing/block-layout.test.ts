import { describe, expect, it } from 'vitest';
import { blockLayout } from '../../src/absorbing/block-layout.ts';

describe('blockLayout', () => {
  const axes = [
    { size: 8, blockBits: 1 },
    { size: 12, blockBits: 2 },
    { size: 4, blockBits: 0 },
  ] as const;
  const { length, offsets } = blockLayout(axes);
  const indexOf = (i: number, j: number, k: number): number => offsets[0][i]! + offsets[1][j]! + offsets[2][k]!;
  const cells = Array.from({ length: 8 * 12 * 4 }, (_, n): [number, number, number] => [
    Math.floor(n / 48),
    Math.floor(n / 4) % 12,
    n % 4,
  ]);

  it('has a place of its own for each cell', () => {
    expect(length).toBe(cells.length);
    const indices = cells.map((cell) => indexOf(...cell)).sort((a, b) => a - b);
    expect(indices).toEqual(cells.map((_, n) => n));
  });

  it('keeps the cells of a block together, and the last axis nearest', () => {
    const blockOf = ([i, j, k]: [number, number, number]) => [i >> 1, j >> 2, k].join();
    const names = new Map<number, Set<string>>();
    for (const cell of cells) {
      const place = Math.floor(indexOf(...cell) / 8);
      names.set(place, (names.get(place) ?? new Set()).add(blockOf(cell)));
    }
    expect([...names.values()].every((set) => set.size === 1)).toBe(true);
    expect(indexOf(0, 1, 0)).toBe(1);
    expect(indexOf(1, 0, 0)).toBe(4);
    expect(indexOf(0, 0, 1)).toBe(8);
    expect(indexOf(0, 4, 0)).toBe(4 * 8);
  });
});
