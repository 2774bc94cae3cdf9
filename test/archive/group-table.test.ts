import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChainEntry, decodeTable, encodeTable, type GroupTable } from '../../src/archive/group-table.ts';
import { CodecError } from '../../src/errors.ts';
import { hasAlpha } from '../../src/image/image.ts';

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((text) => `a/${text.replaceAll(/[\\/\p{C}]/gu, '_')}`);
const bytes = fc.uint8Array({ maxLength: 20 });

const entry: fc.Arbitrary<ChainEntry> = fc
  .record({
    name,
    height: fc.integer({ min: 1, max: 65_535 }),
    width: fc.integer({ min: 1, max: 2000 }),
    channels: fc.constantFrom(1, 2, 3, 4),
    alpha: bytes,
    recipe: fc.option(bytes, { nil: undefined }),
    isExact: fc.boolean(),
    checksum: fc.integer({ min: 0, max: 0xffff_ffff }),
  })
  .map((fields) => ({
    ...fields,
    alpha: hasAlpha(fields.channels) ? fields.alpha : new Uint8Array(0),
    isExact: fields.isExact && fields.recipe !== undefined,
  }));

const table: fc.Arbitrary<GroupTable> = fc.oneof(
  fc.record({
    numSteps: fc.constant(0 as const),
    files: fc.array(fc.record({ name, length: fc.integer({ min: 0, max: 0xffff_ffff }) }), { maxLength: 5 }),
  }),
  fc.record({
    numSteps: fc.constantFrom(2, 4, 6, 8, 16),
    modelId: fc.integer({ min: 0, max: 0xffff_ffff }),
    images: fc.array(entry, { minLength: 1, maxLength: 5 }),
  }),
);

describe('the table of a group', () => {
  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(table, (given) => {
        expect(decodeTable(encodeTable(given))).toEqual(given);
      }),
      { seed: 1 },
    );
  });

  it('fails where it is cut off, goes on, or is noise', () => {
    fc.assert(
      fc.property(table, fc.nat(), (given, at) => {
        const { columns, checksums } = encodeTable(given);
        expect(() => decodeTable({ columns: columns.subarray(0, at % columns.length), checksums })).toThrow(CodecError);
        expect(() => decodeTable({ columns: Uint8Array.of(...columns, 0), checksums })).toThrow(CodecError);
        if (checksums.length === 0) return;
        const cut = checksums.subarray(1 + (at % checksums.length));
        expect(() => decodeTable({ columns, checksums: cut })).toThrow(/truncated|ends after/);
      }),
      { seed: 1 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        try {
          const checksums = new Uint8Array(4 * 60);
          expect(encodeTable(decodeTable({ columns: noise, checksums })).columns).toEqual(noise);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('holds a recipe that several images have once', () => {
    const recipe = new Uint8Array(1000);
    const image = { height: 1, width: 1, channels: 1, alpha: new Uint8Array(0), isExact: true, checksum: 1 } as const;
    const images = Array.from({ length: 10 }, (_, i) => ({ ...image, name: `${i}`, recipe: recipe.slice() }));
    expect(encodeTable({ numSteps: 4, modelId: 1, images }).columns.length).toBeLessThan(1200);
  });

  it('has the checksums of images apart, at the end of what follows it', () => {
    const image = { height: 1, width: 1, channels: 1, alpha: new Uint8Array(0), isExact: false } as const;
    const images = [0x01020304, 0xfffefdfc].map((checksum, i) => ({
      ...image,
      name: `${i}`,
      recipe: undefined,
      checksum,
    }));
    const given = { numSteps: 4, modelId: 1, images } as const;
    const { columns, checksums } = encodeTable(given);
    expect(checksums).toEqual(Uint8Array.of(1, 2, 3, 4, 0xff, 0xfe, 0xfd, 0xfc));
    expect(decodeTable({ columns, checksums: Uint8Array.of(9, 9, 9, ...checksums) })).toEqual(given);
  });

  const NAMES = ['', '/a', 'a/', 'a//b', '../a', 'a/../b', './a', 'a\\b', 'a\nb', `${'a'.repeat(5000)}`];
  it.each(NAMES)('cannot have the name %j', (bad) => {
    const file = encodeTable({ numSteps: 0, files: [{ name: bad, length: 0 }] });
    expect(() => decodeTable(file)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });

  it('takes no more memory than its bytes warrant', () => {
    const huge = Uint8Array.of(4, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f);
    expect(() => decodeTable({ columns: huge, checksums: new Uint8Array(0) })).toThrow(/4294967295 entries/);
  });
});
