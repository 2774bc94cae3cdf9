import { afterEach, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/network/engine.ts';
import { KNOWN_PLANES } from '../../src/network/network.ts';
import { WasmEngine } from '../../src/network/wasm-engine.ts';
import { randomFilm, randomInt8, randomNetwork } from '../helpers/random-network.ts';

afterEach(() => vi.unstubAllGlobals());

const WITHOUT_SIMD = [
  { why: 'there is no WebAssembly', webAssembly: undefined },
  { why: 'WebAssembly has no SIMD', webAssembly: { validate: () => false } },
];

it.each(WITHOUT_SIMD)('gives the same bits when $why', ({ webAssembly }) => {
  const weights = randomNetwork();
  const known = randomInt8(1, 3 * 4 * KNOWN_PLANES);
  const film = randomFilm(1, 1, 8);
  const expected = createEngine(weights);
  expect(expected).toBeInstanceOf(WasmEngine);

  vi.stubGlobal('WebAssembly', webAssembly);
  const fallback = createEngine(weights);
  expect(fallback).not.toBeInstanceOf(WasmEngine);
  expect(fallback.trunk(known, 3, 4, film)).toEqual(expected.trunk(known, 3, 4, film));
});
