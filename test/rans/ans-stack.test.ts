import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../src/errors.ts';
import { AnsStack, MAX_PRECISION } from '../../src/rans/ans-stack.ts';
import { BigIntAns } from '../helpers/big-int-ans.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

interface Interval {
  start: number;
  freq: number;
  precision: number;
}

const interval = fc
  .integer({ min: 1, max: MAX_PRECISION })
  .chain((precision) =>
    fc
      .integer({ min: 0, max: 2 ** precision - 1 })
      .chain((start) =>
        fc.integer({ min: 1, max: 2 ** precision - start }).map((freq): Interval => ({ start, freq, precision })),
      ),
  );
const intervals = fc.array(interval, { maxLength: 200 });
/** Byte forms of stacks of any content: a state of 4 bytes, at least 2^8, and up to 20 words. */
const stackBytes = fc
  .tuple(fc.integer({ min: 0x100, max: 0xffff_ffff }), fc.uint8Array({ maxLength: 60 }))
  .map(([state, words]) => Uint8Array.of(...bigEndian(state), ...words.subarray(0, words.length - (words.length % 3))))
  // A lone state must be at least 2^28, which is the empty stack.
  .filter((bytes) => bytes.length > 4 || (bytes[0]! >= 0x10 && toHex(bytes) !== '10000000'));

/** Bits to pop, then intervals to push, then bits to pop. */
const work = fc.record({ first: fc.nat(500), symbols: fc.array(interval, { maxLength: 20 }), last: fc.nat(500) });
type Work = typeof work extends fc.Arbitrary<infer Value> ? Value : never;

/** Pops as many of the bits as there are. */
function popBits(stack: AnsStack, bits: number): void {
  for (let left = Math.min(bits, stack.bitLength); left >= 8; left -= 8) stack.pop(stack.peek(8), 1, 8);
}

function bytesAfter(stack: AnsStack, { first, symbols, last }: Work): Uint8Array {
  popBits(stack, first);
  for (const { start, freq, precision } of symbols) stack.push(start, freq, precision);
  popBits(stack, last);
  return stack.toBytes();
}

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bigEndian = (value: number) => fromHex(value.toString(16).padStart(8, '0'));
const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof CodecError) return error.code;
    throw error;
  }
  return 'no error';
}

function randomStack(seed: number, numBytes: number): AnsStack {
  const random = seededRandom(seed);
  const stack = new AnsStack();
  for (let i = 0; i < numBytes; i++) stack.push(randomInteger(random, 256), 1, 8);
  return stack;
}

describe('AnsStack', () => {
  it('pops every symbol back and ends where it began, from any state', () => {
    const property = fc.property(stackBytes, intervals, (bytes, symbols) => {
      const stack = AnsStack.fromBytes(bytes);
      for (const { start, freq, precision } of symbols) stack.push(start, freq, precision);
      for (const { start, freq, precision } of symbols.toReversed()) {
        const slot = stack.peek(precision);
        expect(slot >= start && slot < start + freq).toBe(true);
        stack.pop(start, freq, precision);
      }
      expect(stack.toBytes()).toEqual(bytes);
    });
    fc.assert(property, { seed: 1 });
  });

  it('pushes back every slot popped from any state', () => {
    const property = fc.property(stackBytes, fc.integer({ min: 1, max: MAX_PRECISION }), (bytes, precision) => {
      const stack = AnsStack.fromBytes(bytes);
      const slots: number[] = [];
      for (let bits = stack.bitLength - precision; bits >= 0; bits -= precision) {
        slots.push(stack.peek(precision));
        stack.pop(slots.at(-1)!, 1, precision);
      }
      for (const slot of slots.toReversed()) stack.push(slot, 1, precision);
      expect(stack.toBytes()).toEqual(bytes);
    });
    fc.assert(property, { seed: 2 });
  });

  it('has the state and words of a BigInt coder after every push and pop', () => {
    const property = fc.property(intervals, (symbols) => {
      const stack = new AnsStack();
      const oracle = new BigIntAns();
      for (const { start, freq, precision } of symbols) {
        stack.push(start, freq, precision);
        oracle.push(start, freq, precision);
        expect(toHex(stack.toBytes())).toBe(oracle.toHex());
      }
      for (const { start, freq, precision } of symbols.toReversed()) {
        stack.pop(start, freq, precision);
        oracle.pop(start, freq, precision);
        expect(toHex(stack.toBytes())).toBe(oracle.toHex());
      }
    });
    fc.assert(property, { seed: 3 });
  });

  it('grows past its first capacity', () => {
    const stack = randomStack(4, 20_000);
    const copy = AnsStack.fromBytes(stack.toBytes());
    const random = seededRandom(4);
    const symbols = Array.from({ length: 20_000 }, () => randomInteger(random, 256));
    for (const symbol of symbols.reverse()) {
      expect(copy.peek(8)).toBe(symbol);
      copy.pop(symbol, 1, 8);
    }
    expect(copy.isPristine).toBe(true);
  });

  it('counts its bits without a fraction', () => {
    const stack = new AnsStack();
    expect(stack.bitLength).toBe(0);
    for (let i = 1; i <= 100; i++) {
      stack.push(5, 1, 7);
      expect(stack.bitLength).toBe(7 * i);
    }
  });

  it('rolls back to its mark and does again what was done, whatever that was', () => {
    const property = fc.property(stackBytes, fc.array(work), (bytes, attempts) => {
      const stack = AnsStack.fromBytes(bytes);
      stack.mark();
      for (const steps of attempts) {
        const after = bytesAfter(stack, steps);
        const changes = stack.changes();
        stack.rollback();
        expect(stack.toBytes()).toEqual(bytes);
        stack.redo(changes);
        expect(stack.toBytes()).toEqual(after);
        stack.rollback();
        expect(stack.toBytes()).toEqual(bytes);
      }
    });
    fc.assert(property, { seed: 5 });
  });

  it('rolls back to the last of its marks', () => {
    const property = fc.property(stackBytes, fc.array(work), (bytes, parts) => {
      const stack = AnsStack.fromBytes(bytes);
      let before: Uint8Array = bytes;
      for (const steps of parts) {
        stack.mark();
        const after = bytesAfter(stack, steps);
        const changes = stack.changes();
        stack.rollback();
        expect(stack.toBytes()).toEqual(before);
        stack.redo(changes);
        before = after;
      }
      expect(stack.toBytes()).toEqual(before);
    });
    fc.assert(property, { seed: 6 });
  });

  it('notes no more of its content than was popped', () => {
    const stack = randomStack(7, 30_000);
    stack.mark();
    for (let i = 0; i < 10; i++) stack.pop(stack.peek(12), 1, 12);
    for (let i = 0; i < 40; i++) stack.push(i, 1, 12);
    expect(stack.changes().words.length).toBeLessThan(25);
  });

  it('is left as it was by a pop past the bottom', () => {
    const stack = new AnsStack();
    stack.push(3, 1, 4);
    const before = stack.toBytes();
    expect(codeOf(() => stack.pop(0, 1, 20))).toBe('truncated');
    expect(stack.toBytes()).toEqual(before);
  });
});

describe('byte form', () => {
  it('is empty for a pristine stack', () => {
    expect(new AnsStack().toBytes()).toEqual(new Uint8Array(0));
    expect(AnsStack.fromBytes(new Uint8Array(0)).isPristine).toBe(true);
  });

  it.each([
    { name: 'a state of 4 bytes', hex: '10000001' },
    { name: 'the largest state of 4 bytes', hex: 'ffffffff' },
    { name: 'a state of 2^32 or more as a short state and a word', hex: '00000100000000' },
    { name: 'the largest state', hex: '0fffffffffffff' },
    { name: 'a short state and two words', hex: '01234567000001fffffe' },
    { name: 'the smallest state above a word', hex: '10000000000000' },
  ])('survives a round trip: $name', ({ hex }) => {
    expect(toHex(AnsStack.fromBytes(fromHex(hex)).toBytes())).toBe(hex);
  });

  it('is read from the top, so its start is enough to begin with', () => {
    const stack = randomStack(8, 3000);
    const bytes = stack.toBytes();
    for (const length of [4, 5, 6, 7, 100, 1001, bytes.length]) {
      const [whole, top] = [AnsStack.fromBytes(bytes), AnsStack.fromFirstBytes(bytes.subarray(0, length))];
      let popped = 0;
      try {
        for (; popped < 3000; popped++) {
          for (const stack of [top, whole]) stack.pop(stack.peek(8), 1, 8);
          expect(top.peek(8)).toBe(whole.peek(8));
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'truncated' });
      }
      expect(popped).toBeGreaterThan(length - 8);
    }
  });

  it('whose short state lacks its word is truncated', () => {
    expect(codeOf(() => AnsStack.fromFirstBytes(fromHex('0123456700')))).toBe('truncated');
    expect(codeOf(() => AnsStack.fromFirstBytes(fromHex('000000ff')))).toBe('corrupt');
  });

  it.each([0, 3])('of which only %i bytes are left has no start', (length) => {
    expect(codeOf(() => AnsStack.fromFirstBytes(randomStack(9, 30).toBytes().subarray(0, length)))).toBe('truncated');
  });

  it('survives a round trip at every size', () => {
    for (let numBytes = 0; numBytes < 40; numBytes++) {
      const stack = randomStack(numBytes, numBytes);
      const copy = AnsStack.fromBytes(stack.toBytes());
      expect(copy.toBytes()).toEqual(stack.toBytes());
      expect(copy.bitLength).toBe(stack.bitLength);
    }
  });

  it.each([
    { name: '1 byte', hex: '01' },
    { name: '3 bytes', hex: '010101' },
    { name: 'a word that is not whole', hex: '20000000ffff' },
    { name: 'a short state below 2^8', hex: '000000ffffffff' },
    { name: 'a pristine stack in full', hex: '10000000' },
    { name: 'a short state and no word', hex: '0fffffff' },
  ])('is refused when it has $name', ({ hex }) => {
    expect(codeOf(() => AnsStack.fromBytes(fromHex(hex)))).toBe('corrupt');
  });
});
