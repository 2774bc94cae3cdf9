import { describe, expect, it } from 'vitest';
import { CodecError } from '../../src/errors.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { popFlag, pushFlag } from '../../src/rans/bernoulli.ts';
import { checkCodec, checkCodecOnBits } from '../helpers/check-codec.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const codec = (freqOfTrue: number) => ({
  push: (stack: AnsStack, flag: boolean) => pushFlag(stack, flag, freqOfTrue),
  pop: (stack: AnsStack) => popFlag(stack, freqOfTrue),
});

describe('pushFlag and popFlag', () => {
  it.each([1, 2, 1000, 2 ** 19, 2 ** 20 - 2, 2 ** 20 - 1])('undo each other, frequency %i', (freqOfTrue) => {
    const random = seededRandom(freqOfTrue);
    const flags = Array.from({ length: 200 }, () => random() < 0.5);
    checkCodec(codec(freqOfTrue), flags);
    const bits = Uint8Array.from({ length: 600 }, () => 1 + randomInteger(random, 255));
    checkCodecOnBits(codec(freqOfTrue), AnsStack.fromFirstBytes(bits), 100);
  });

  it('cost the information content', () => {
    const stack = new AnsStack();
    for (let i = 0; i < 16_000; i++) pushFlag(stack, i % 16 === 0, 2 ** 16);
    const bits = 1000 * 4 - 15_000 * Math.log2(15 / 16);
    expect(Math.abs(stack.bitLength / bits - 1)).toBeLessThan(1e-3);
  });

  it.each([0, -1, 2 ** 20, 0.5, Number.NaN])('refuse the frequency %d', (freqOfTrue) => {
    expect(() => pushFlag(new AnsStack(), true, freqOfTrue)).toThrow(RangeError);
    expect(() => popFlag(new AnsStack(), freqOfTrue)).toThrow(RangeError);
  });

  it('fail on an empty stack', () => {
    expect(() => popFlag(new AnsStack(), 1)).toThrow(CodecError);
  });
});
