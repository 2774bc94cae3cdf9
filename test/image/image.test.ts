import { describe, expect, it } from 'vitest';
import { assertImage, checkSizeInFile, type Image, MAX_PIXELS, MAX_SIDE } from '../../src/image/image.ts';

const IMAGE: Image = { height: 2, width: 3, channels: 3, bitDepth: 8, data: new Uint8Array(18) };

describe('assertImage', () => {
  it('accepts a well-formed image', () => {
    expect(() => assertImage(IMAGE)).not.toThrow();
  });

  it.each([
    ['null', null, TypeError],
    ['a number', 3, TypeError],
    ['data of another type', { ...IMAGE, data: [] }, TypeError],
    ['a height of another type', { ...IMAGE, height: '2' }, TypeError],
    ['height 0', { ...IMAGE, height: 0 }, RangeError],
    ['a fraction', { ...IMAGE, width: 1.5 }, RangeError],
    ['NaN', { ...IMAGE, width: Number.NaN }, RangeError],
    ['a side that is too long', { ...IMAGE, width: MAX_SIDE + 1 }, RangeError],
    ['too many pixels', { ...IMAGE, height: MAX_SIDE, width: MAX_SIDE }, RangeError],
    ['5 channels', { ...IMAGE, channels: 5 }, RangeError],
    ['12 bits', { ...IMAGE, bitDepth: 12 }, RangeError],
    ['16 bits in bytes', { ...IMAGE, bitDepth: 16 }, TypeError],
    ['8 bits in larger numbers', { ...IMAGE, data: new Uint16Array(18) }, TypeError],
    ['a byte too few', { ...IMAGE, data: new Uint8Array(17) }, RangeError],
    ['a byte too many', { ...IMAGE, data: new Uint8Array(19) }, RangeError],
  ])('refuses %s', (_title, image, type) => {
    expect(() => assertImage(image as unknown as Image)).toThrow(type);
  });
});

describe('checkSizeInFile', () => {
  it.each([
    [1, 1],
    [MAX_SIDE, 1],
    [1, MAX_SIDE],
    [MAX_PIXELS / 4096, 4096],
  ])('accepts %i x %i', (height, width) => {
    expect(() => checkSizeInFile(height, width)).not.toThrow();
  });

  it.each([
    [0, 5, 'corrupt'],
    [5, 0, 'corrupt'],
    [MAX_SIDE + 1, 1, 'too-large'],
    [1, MAX_SIDE + 1, 'too-large'],
    [MAX_PIXELS / 4096 + 1, 4096, 'too-large'],
    [0xffff_ffff, 0xffff_ffff, 'too-large'],
  ])('refuses %i x %i', (height, width, code) => {
    expect(() => checkSizeInFile(height, width)).toThrow(expect.objectContaining({ code }));
  });
});
