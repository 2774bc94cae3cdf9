import { expect, it } from 'vitest';
import { NotingPort, PoppingPort } from '../../src/codec/symbol-port.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { CDF_PRECISION } from '../../src/rans/discretised-gaussian.ts';
import { seededRandom } from '../helpers/random.ts';

const TOTAL = 1 << CDF_PRECISION;
const FREQS = [1, TOTAL / 1024, TOTAL / 2, TOTAL - 1];

it('brings flags back from the stack in the order in which they were noted', () => {
  const random = seededRandom(7);
  const flags = Array.from({ length: 200 }, (_, i) => ({ freq: FREQS[i % FREQS.length]!, flag: random() < 0.5 }));
  const [port, stack] = [new NotingPort(), new AnsStack()];
  for (const { freq, flag } of flags) expect(port.flag(freq, flag)).toBe(flag);
  port.pushOnto(stack);
  const popping = new PoppingPort(stack);
  expect(flags.map(({ freq }) => popping.flag(freq))).toEqual(flags.map(({ flag }) => flag));
  expect(stack.isPristine).toBe(true);
});

it.each(FREQS)('counts a flag of frequency %d with its information content', (freq) => {
  const port = new NotingPort();
  port.flag(freq, true);
  port.flag(freq, false);
  expect(port.contentBits(0, 1)).toBeCloseTo(-Math.log2(freq / TOTAL), 9);
  expect(port.contentBits(1, 2)).toBeCloseTo(-Math.log2(1 - freq / TOTAL), 9);
});
