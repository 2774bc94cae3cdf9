/** The base of the pyramid, one pixel, coded plainly: Y in 8 bits, Co and Cg in 9 bits each. */
import { CodecError } from '../errors.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import { popUniform, pushUniform } from '../rans/uniform.ts';

const LUMA_BITS = 8;
const CHROMA_BITS = 9;
const CHROMA_MAX = 255;

/** @param base [1 or 3]: Y, or Y, Co, Cg */
export function pushBase(stack: AnsStack, base: Int16Array): void {
  for (let plane = base.length - 1; plane >= 1; plane--) {
    pushUniform(stack, base[plane]! + CHROMA_MAX, CHROMA_BITS);
  }
  pushUniform(stack, base[0]!, LUMA_BITS);
}

/** @throws CodecError 'corrupt' for a value that no image has. */
export function popBase(stack: AnsStack, planes: 1 | 3): Int16Array {
  const base = new Int16Array(planes);
  base[0] = popUniform(stack, LUMA_BITS);
  for (let plane = 1; plane < planes; plane++) {
    const value = popUniform(stack, CHROMA_BITS) - CHROMA_MAX;
    if (value > CHROMA_MAX) throw new CodecError('corrupt', `base chroma ${value} is out of range`);
    base[plane] = value;
  }
  return base;
}
