import { describe, expect, it } from 'vitest';
import { CodecError } from '../../src/errors.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { popUniform, pushUniform } from '../../src/rans/uniform.ts';
import { checkCodec } from '../helpers/check-codec.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

describe('pushUniform and popUniform', () => {
  it('undo each other for 1 to 20 bits', () => {
    for (let bits = 1; bits <= 20; bits++) {
      const random = seededRandom(bits);
      const values = Array.from({ length: 100 }, () => randomInteger(random, 2 ** bits));
      const codec = {
        push: (stack: AnsStack, value: number) => pushUniform(stack, value, bits),
        pop: (stack: AnsStack) => popUniform(stack, bits),
      };
      checkCodec(codec, [0, 2 ** bits - 1, ...values]);
    }
  });

  it('cost exactly their bits', () => {
    const stack = new AnsStack();
    for (let bits = 1; bits <= 20; bits++) pushUniform(stack, 1, bits);
    expect(stack.bitLength).toBe(210);
  });

  it.each([
    { value: 2, bits: 1, message: '"value" must be an integer in 0..1, got 2' },
    { value: -1, bits: 20, message: '"value" must be an integer in 0..1048575, got -1' },
    { value: 0.5, bits: 8, message: '"value" must be an integer in 0..255, got 0.5' },
    { value: 0, bits: 0, message: '"bits" must be an integer in 1..20, got 0' },
    { value: 0, bits: 21, message: '"bits" must be an integer in 1..20, got 21' },
  ])('refuse $value in $bits bits', ({ value, bits, message }) => {
    expect(() => pushUniform(new AnsStack(), value, bits)).toThrow(new RangeError(message));
  });

  it('fail on an empty stack', () => {
    expect(() => popUniform(new AnsStack(), 1)).toThrow(CodecError);
  });
});
