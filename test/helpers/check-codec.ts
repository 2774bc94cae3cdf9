import { expect } from 'vitest';
import { AnsStack } from '../../src/rans/ans-stack.ts';

/** Puts one kind of symbol on the stack and takes it off again. */
export interface StackCodec<Symbol> {
  push(stack: AnsStack, symbol: Symbol): void;
  pop(stack: AnsStack): Symbol;
}

/** The one place that knows how to exercise a codec: symbols survive and the stack is restored. */
export function checkCodec<Symbol>(
  codec: StackCodec<Symbol>,
  symbols: readonly Symbol[],
  stack: AnsStack = new AnsStack(),
): void {
  const before = stack.toBytes();
  for (const symbol of symbols) codec.push(stack, symbol);
  const popped = symbols.map(() => codec.pop(stack)).reverse();
  expect(popped).toEqual(symbols);
  expect(stack.toBytes()).toEqual(before);
}

/** The way bits-back coding uses a codec: pops from arbitrary bits, then pushes back what came out. */
export function checkCodecOnBits<Symbol>(codec: StackCodec<Symbol>, stack: AnsStack, count: number): void {
  const before = stack.toBytes();
  const popped = Array.from({ length: count }, () => codec.pop(stack));
  for (const symbol of popped.reverse()) codec.push(stack, symbol);
  expect(stack.toBytes()).toEqual(before);
}
