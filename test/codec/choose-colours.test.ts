import { describe, expect, it } from 'vitest';
import { chooseColours } from '../../src/codec/choose-colours.ts';
import { NO_COLOURS } from '../../src/codec/colours.ts';
import { PixelSamples, planeCount } from '../../src/codec/planes.ts';
import type { Image8 } from '../../src/image/image.ts';
import { buildPyramid } from '../../src/pyramid/stages.ts';
import { makeImage } from '../helpers/images.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

function choiceFor(image: Image8) {
  const planes = planeCount(image.channels);
  return chooseColours(buildPyramid(new PixelSamples(image), planes).stages[0], planes);
}

/** A noisy ramp whose pixels go through a change of colours, as those of a converted or edited image did. */
function changed(channels: 1 | 3, change: (colour: number[]) => number[]): Image8 {
  const random = seededRandom(5);
  const [height, width] = [96, 128];
  const pixels = Array.from({ length: height * width }, (_, i) => {
    const ramp = 60 + (i % width) / 2 + Math.floor(i / width) / 3;
    return change(Array.from({ length: channels }, () => Math.floor(ramp) + randomInteger(random, 12)));
  });
  return { height, width, channels, bitDepth: 8, data: Uint8Array.from(pixels.flat()) };
}

/** Colours of a YCbCr image whose chroma has steps of 4. */
const throughYcc = ([y, cb, cr]: number[]): number[] => {
  const [blue, red] = [4 * (cb! >> 4), 4 * (cr! >> 4)];
  return [y! + red, y! - (blue >> 2) - (red >> 1), y! + blue];
};

describe('the choice of colours', () => {
  it('is none where all colours are as likely as those beside them', () => {
    expect(choiceFor(changed(3, (colour) => colour))).toEqual(NO_COLOURS);
    expect(choiceFor(makeImage('noise', { height: 64, width: 64, channels: 3 }))).toEqual(NO_COLOURS);
    expect(choiceFor(changed(1, (colour) => colour))).toEqual(NO_COLOURS);
  });

  it('is strong, with chains that start late, where few pairs of chroma occur', () => {
    const choice = choiceFor(changed(3, throughYcc));
    expect(choice.chroma).toBeGreaterThan(1);
    expect(choice.startsLate).toBe(true);
  });

  it('sees the gaps that stretched levels leave in gray images', () => {
    const choice = choiceFor(changed(1, ([value]) => [Math.min(255, Math.floor(((value! - 60) * 5) / 2))]));
    expect(choice.luma).toBeGreaterThan(1);
    expect(choice.chroma).toBe(0);
  });

  it('is none for an image without stages, or without a whole block', () => {
    expect(chooseColours(undefined, 3)).toEqual(NO_COLOURS);
    expect(choiceFor(makeImage('noise', { height: 1, width: 9, channels: 3 }))).toEqual(NO_COLOURS);
  });
});
