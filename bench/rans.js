/** Speed of the Gaussian coder in ns a symbol: npm run build, then node bench/rans.js. */
import { fileURLToPath } from 'node:url';
import { AnsStack } from '../dist/rans/ans-stack.js';
import { popGaussian, pushGaussian, scaleIndexForVariance, scaleSigma } from '../dist/rans/discretised-gaussian.js';

const NUM_SYMBOLS = 1_000_000;
const NUM_ROUNDS = 5;

const CASES = [
  { name: 'sigma 0.3', low: 0.3, high: 0.3 },
  { name: 'sigma 1', low: 1, high: 1 },
  { name: 'sigma 10', low: 10, high: 10 },
  { name: 'sigma 50', low: 50, high: 50 },
  { name: 'sigma 0.3..50 mixed', low: 0.3, high: 50 },
  { name: 'sigma 1900', low: 1900, high: 1900 },
];

function symbols({ low, high }) {
  const first = scaleIndexForVariance(low * low);
  const last = scaleIndexForVariance(high * high);
  const scales = Uint8Array.from({ length: NUM_SYMBOLS }, () => first + Math.floor(Math.random() * (last - first + 1)));
  const means = Int32Array.from({ length: NUM_SYMBOLS }, () => Math.floor((Math.random() - 0.5) * 4000));
  const values = Int32Array.from(means, (mean16, i) => Math.round(mean16 / 16 + scaleSigma(scales[i]) * gaussian()));
  return { scales, means, values };
}

function gaussian() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function pushAll(stack, { scales, means, values }) {
  for (let i = 0; i < NUM_SYMBOLS; i++) pushGaussian(stack, values[i], means[i], scales[i]);
}

function popAll(stack, { scales, means, values }) {
  let numWrong = 0;
  for (let i = NUM_SYMBOLS - 1; i >= 0; i--) if (popGaussian(stack, means[i], scales[i]) !== values[i]) numWrong++;
  if (numWrong > 0 || !stack.isPristine) throw new Error(`${numWrong} symbols came back wrong`);
}

function nanosecondsPerSymbol(work) {
  const begin = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - begin) / NUM_SYMBOLS;
}

/** Nanoseconds to push and to pop a symbol, for each case. */
export function measureRans() {
  return CASES.map((row) => {
    const data = symbols(row);
    let push = Number.POSITIVE_INFINITY;
    let pop = Number.POSITIVE_INFINITY;
    for (let round = 0; round < NUM_ROUNDS; round++) {
      const stack = new AnsStack();
      push = Math.min(
        push,
        nanosecondsPerSymbol(() => pushAll(stack, data)),
      );
      pop = Math.min(
        pop,
        nanosecondsPerSymbol(() => popAll(stack, data)),
      );
    }
    return { name: row.name, pushNs: push, popNs: pop };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, pushNs, popNs } of measureRans()) {
    console.log(`${name.padEnd(22)} push ${pushNs.toFixed(1)} ns   pop ${popNs.toFixed(1)} ns`);
  }
}
