import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { popBase, pushBase } from '../../src/codec/base-codec.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { pushUniform } from '../../src/rans/uniform.ts';
import { checkCodec } from '../helpers/check-codec.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

const codecOf = (planes: 1 | 3) => ({ push: pushBase, pop: (stack: AnsStack) => popBase(stack, planes) });

describe('the base', () => {
  it.each([[[0]], [[255]], [[17]]])('of gray %j comes back', (base) => {
    checkCodec(codecOf(1), [Int16Array.from(base)]);
  });

  it('of any colour comes back', () => {
    const chroma = fc.integer({ min: -255, max: 255 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), chroma, chroma)), (bases) => {
        checkCodec(
          codecOf(3),
          bases.map((base) => Int16Array.from(base)),
        );
      }),
    );
  });

  it.each([
    [[99], 8],
    [[99, -255, 255], 26],
  ])('%j costs %i bits', (base, bits) => {
    const stack = stackOfBytes(300);
    const before = stack.bitLength;
    pushBase(stack, Int16Array.from(base));
    expect(stack.bitLength - before).toBe(bits);
  });

  it('with chroma 256, which no image has, is refused', () => {
    const stack = new AnsStack();
    pushUniform(stack, 511, 9);
    pushUniform(stack, 0, 9);
    pushUniform(stack, 128, 8);
    expect(() => popBase(stack, 3)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });

  it('of an empty stack is truncated', () => {
    expect(() => popBase(new AnsStack(), 1)).toThrow(expect.objectContaining({ code: 'truncated' }));
  });
});
