import { expect, it } from 'vitest';
import { ColourCounts, createColourTables } from '../../src/absorbing/colour-counts.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const random = seededRandom(4);
const value = () => [0, 255, randomInteger(random, 256), 100 + randomInteger(random, 5)][randomInteger(random, 4)]!;
const PIXELS = Array.from({ length: 30_000 }, () => [value(), value(), value()] as const);

it('forgets all pixels, and counts others as at first', () => {
  const [tables, fresh] = [createColourTables(), createColourTables()];
  const [counts, others] = [new ColourCounts(), new ColourCounts()];
  for (const pixel of PIXELS.slice(0, 20_000)) counts.add(tables, ...pixel);
  expect(counts.writtenBytes).toBeGreaterThan(1 << 20);
  counts.clear(tables);
  expect(counts.writtenBytes).toBe(1024);
  for (const table of Object.values(tables)) expect(table.some((number: number) => number !== 0)).toBe(false);
  for (const pixel of PIXELS.slice(10_000)) {
    counts.add(tables, ...pixel);
    others.add(fresh, ...pixel);
  }
  for (const [name, table] of Object.entries(tables)) {
    expect(Buffer.compare(bytesOf(table), bytesOf(fresh[name as keyof typeof fresh])), name).toBe(0);
  }
});

const bytesOf = ({ buffer }: Int32Array | Uint16Array | Uint32Array) => Buffer.from(buffer);

it('counts a colour no more than 16 bits hold, and the sums of blues with it', () => {
  const tables = createColourTables();
  const counts = new ColourCounts();
  for (let i = 0; i < 70_000; i++) counts.add(tables, 10, 20, 30);
  expect(Math.max(...tables.colours.filter((count) => count > 0))).toBe(65_535);
  expect([...tables.colourSums.filter((sum) => sum > 0)].sort((a, b) => b - a)[0]).toBe(16 * 65_535);
  expect(Math.max(...tables.pairSums.filter((sum) => sum > 0))).toBe(16 * 70_000);
});
