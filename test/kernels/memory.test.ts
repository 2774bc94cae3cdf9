import { expect, it } from 'vitest';
import { KernelMemory } from '../../src/kernels/memory.ts';

const makeMemory = () => new KernelMemory(new WebAssembly.Memory({ initial: 1 }));

it('hands out aligned pieces that do not overlap', () => {
  const memory = makeMemory();
  expect(memory.allocate(1)).toBe(0);
  expect(memory.allocate(65)).toBe(64);
  expect(memory.allocate(64)).toBe(192);
  expect(memory.mark()).toBe(256);
});

it('grows to what is needed and no further', () => {
  const wasm = new WebAssembly.Memory({ initial: 1 });
  const memory = new KernelMemory(wasm);
  memory.allocate(65536);
  expect(wasm.buffer.byteLength).toBe(65536);
  const pointer = memory.allocate(1);
  expect(wasm.buffer.byteLength).toBe(2 * 65536);
  expect(memory.int8(pointer, 1).length).toBe(1);
});

it('hands released memory out again', () => {
  const memory = makeMemory();
  memory.allocate(64);
  const mark = memory.mark();
  const first = memory.allocate(1000);
  memory.release(mark);
  expect(memory.allocate(10)).toBe(first);
});

it.each([2 ** 30 + 1, 2 ** 40, Number.NaN])('refuses %d bytes', (byteLength) => {
  expect(() => makeMemory().allocate(byteLength)).toThrow(RangeError);
});
