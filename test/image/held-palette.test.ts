/** Palettes that the image tells all but the order of. */
import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/container/byte-reader.ts';
import { CodecError } from '../../src/errors.ts';
import { type HeldPalette, holdPalette, PAYLOAD_PALETTE, PaletteReader } from '../../src/image/held-palette.ts';
import { decodePng } from '../../src/image/png.ts';
import type { PngTables } from '../../src/image/png-chunks.ts';
import { makeImage } from '../helpers/images.ts';
import { writePng } from './png-writer.ts';

/** Few values, so that entries are alike; what the pixels use is by chance. */
const pngs = fc.integer({ min: 1, max: 256 }).chain((count) =>
  fc.record({
    palette: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3 * count, maxLength: 3 * count }),
    transparency: fc.option(fc.array(fc.integer({ min: 253, max: 255 }), { maxLength: count }), { nil: undefined }),
    samples: fc.array(fc.nat(count - 1), { minLength: 1, maxLength: 300 }),
  }),
);

const NOTHING = new Uint8Array(0);

function restore(bytes: HeldPalette, image = IMAGE, before = Uint8Array.of(1, 2, 3), payload?: PngTables) {
  const reader = new PaletteReader(image, Uint8Array.of(...before, ...bytes.order), payload);
  const [palette, transparency] = ['PLTE', 'tRNS'].map((type) => {
    const content = new ByteReader(bytes.contents[type]!, type);
    const restored = reader.read(type, content)!;
    expect(content.isAtEnd).toBe(true);
    return [...restored];
  });
  return { palette, transparency };
}

const PALETTE = [9, 9, 9, 1, 2, 3, 40, 50, 60, 1, 2, 3, 7, 8, 9];
const IMAGE = decodePng(
  writePng({ height: 2, width: 2, depth: 8, colourType: 3, palette: PALETTE, samples: [2, 3, 1, 4] }),
);

describe('a palette', () => {
  it('comes back, its order, duplicates and unused entries included', () => {
    fc.assert(
      fc.property(pngs, ({ palette, transparency, samples }) => {
        const spec = { height: 1, width: samples.length, depth: 8, colourType: 3, palette, samples };
        const image = decodePng(writePng({ ...spec, ...(transparency && { transparency }) }));
        const alpha = transparency && Uint8Array.from(transparency);
        const held = holdPalette(Uint8Array.from(palette), alpha, image);
        expect(restore(held, image)).toEqual({ palette, transparency: transparency ?? [] });
      }),
      { seed: 1 },
    );
  });

  it('is the number of its entries, runs of used and unused ones, and the colours of the latter', () => {
    const held = holdPalette(Uint8Array.from(PALETTE), undefined, IMAGE);
    expect([...held.contents.PLTE!]).toEqual([5, 0, 1, 2, 1, 1, 9, 9, 9, 1, 2, 3]);
    // The colours of the image are those of the entries 2, 1 and 4; those used are 1, 2 and 4.
    expect([...held.order]).toEqual([2]);
  });

  it('is nothing but its order where the image has its colours', () => {
    const held = holdPalette(Uint8Array.of(7, 8, 9, 1, 2, 3, 40, 50, 60), Uint8Array.of(255), IMAGE);
    expect(held.contents).toEqual({ PLTE: Uint8Array.of(0), tRNS: Uint8Array.of(2) });
    expect([...held.order]).toEqual([5]);
  });

  const ramp = Array.from({ length: 100 }, (_, i) => [2 * i, i, 200 - i]);
  const shuffled = ramp.map((_, i) => (i * 37) % 100);
  /** All samples once, then sample 0 for 100 times more, 1 for 99 and so on. */
  const counted = [...shuffled, ...ramp.flatMap((_, i) => new Array<number>(100 - i).fill(i))];

  it.each([
    ['the order of first pixels', shuffled.map((i) => ramp[i]!), shuffled.map((_, i) => i), 0x101, 3],
    ['the order of counts', shuffled.map((i) => ramp[i]!), counted, 0x102, 3],
    ['a ramp', ramp.toReversed(), shuffled, 0x103, 3],
    ['a ramp of which most is unused', ramp, [3, 50, 20, 4], 0x101, 3 + 3],
  ])('of 100 entries in %s takes few bytes', (_title, entries, samples, form, leastBytes) => {
    const palette = entries.flat();
    const spec = { height: 1, width: samples.length, depth: 8, colourType: 3, palette, samples };
    const image = decodePng(writePng({ ...spec, transparency: [255] }));
    const held = holdPalette(Uint8Array.from(palette), Uint8Array.of(255), image);
    expect(new ByteReader(held.contents.PLTE!, 'PLTE').varint()).toBe(form);
    expect(held.order.length).toBe(0);
    expect(deflateSync(held.contents.PLTE!).length).toBeLessThan(leastBytes + 20);
    expect(restore(held, image)).toEqual({ palette, transparency: [255] });
  });

  it('may be that of the payload', () => {
    const payload = { palette: Uint8Array.from(PALETTE), transparency: Uint8Array.of(9, 8) };
    expect(restore(PAYLOAD_PALETTE, IMAGE, NOTHING, payload)).toEqual({ palette: PALETTE, transparency: [9, 8] });
  });

  it.each([
    ['no PNG', undefined],
    ['without a palette', { palette: undefined, transparency: Uint8Array.of(0, 1) }],
    ['without alpha', { palette: Uint8Array.from(PALETTE), transparency: undefined }],
  ])('is not that of a payload that is %s', (_title, payload) => {
    const failure = expect.objectContaining({ code: 'corrupt' });
    expect(() => restore(PAYLOAD_PALETTE, IMAGE, NOTHING, payload)).toThrow(failure);
  });

  it('is not that of an image which cannot have one', () => {
    const noise = makeImage('noise', { height: 30, width: 30, channels: 3 });
    const gray = makeImage('flat', { height: 2, width: 2, channels: 1 });
    for (const image of [noise, gray]) {
      expect(() => new PaletteReader(image, new Uint8Array(300))).toThrow(/corrupt|which the image cannot have/);
    }
  });

  it('that is no palette fails with a CodecError', () => {
    const withoutOrder = { contents: { PLTE: Uint8Array.of(0), tRNS: Uint8Array.of(2) }, order: NOTHING };
    expect(() => restore(withoutOrder, IMAGE, NOTHING)).toThrow(expect.objectContaining({ code: 'truncated' }));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 4 }), (PLTE, tRNS) => {
        try {
          restore({ contents: { PLTE, tRNS }, order: Uint8Array.of(0) });
        } catch (error) {
          if (!(error instanceof CodecError)) expect(error).toMatchObject({ name: 'AssertionError' });
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
