/**
 * A second decoder of the low section, written from docs/format.md alone: one function after the other as they stand there,
 * plain arrays, nothing kept but what the text keeps.
 */
import { AnsStack } from '../../src/rans/ans-stack.ts';

export interface HighPixels {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly high: ArrayLike<number>;
}

const KNOTS = [
  32768, 40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514,
  65523, 65528, 65531, 65533, 65534, 65535,
];

function probabilityOf(logOdds: number): number {
  const size = Math.abs(logOdds);
  const [left, right] = [KNOTS[Math.floor(size / 128)]!, KNOTS[Math.floor(size / 128) + 1]!];
  const value = left + Math.floor(((right - left) * (size % 128)) / 128);
  return logOdds < 0 ? 65536 - value : value;
}

const PROBABILITIES = Array.from({ length: 5631 }, (_, i) => probabilityOf(i - 2815));
const LOG_ODDS = Array.from({ length: 4096 }, (_, k) => {
  const at = PROBABILITIES.findIndex((value) => value >= 16 * k + 8);
  return at < 0 ? 2815 : at - 2815;
});

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));

class Counters {
  private readonly states = new Map<string, { p: number; n: number }>();

  private at(context: string) {
    const state = this.states.get(context) ?? { p: 2 ** 21, n: 0 };
    this.states.set(context, state);
    return state;
  }

  logOdds(context: string): number {
    return LOG_ODDS[Math.floor(this.at(context).p / 1024)]!;
  }

  learn(context: string, bit: number): void {
    const state = this.at(context);
    const rate = Math.floor(65536 / (2 * state.n + 3));
    state.p = Math.max(0, state.p + Math.floor((Math.floor((bit * 2 ** 22 - state.p) / 128) * rate) / 256));
    state.n = Math.min(255, state.n + 1);
  }
}

class Weights {
  private readonly sets = new Map<string, number[]>();
  private mixed = 0;

  at(set: string): number[] {
    const weights = this.sets.get(set) ?? new Array<number>(5).fill(13107);
    this.sets.set(set, weights);
    return weights;
  }

  mix(set: string, inputs: number[]): number {
    const sum = this.at(set).reduce((total, weight, i) => total + weight * inputs[i]!, 0);
    this.mixed = clamp(Math.floor(sum / 65536), -2815, 2815);
    return this.mixed;
  }

  learn(set: string, inputs: number[], bit: number): void {
    const error = 65536 * bit - PROBABILITIES[this.mixed + 2815]!;
    const weights = this.at(set);
    for (const [i, input] of inputs.entries()) {
      weights[i] = clamp(weights[i]! + Math.floor((input * error + 4096) / 8192), -1048576, 1048576);
    }
  }
}

/** The predictor of one channel with one memory. */
class Squares {
  private readonly a: number[][];
  private readonly b: number[];
  private w: number[];
  private samples = 0;
  private readonly memory: number;

  constructor(n: number, memory: number) {
    this.a = Array.from({ length: n }, () => new Array<number>(n).fill(0));
    this.b = new Array<number>(n).fill(0);
    this.w = new Array<number>(n).fill(0);
    this.memory = memory;
  }

  predict(x: number[]): number {
    return this.w.reduce((sum, weight, i) => sum + weight * x[i]!, 0);
  }

  learn(all: number[], target: number): void {
    const x = all.slice(0, this.w.length);
    if (x.every((value) => value === 0)) return;
    for (let i = 0; i < x.length; i++) {
      for (let j = 0; j <= i; j++) this.a[i]![j] = this.a[i]![j]! * this.memory + x[i]! * x[j]!;
      this.b[i] = this.b[i]! * this.memory + x[i]! * target;
    }
    this.samples++;
    if (this.samples % 8 === 0) this.w = this.solve() ?? this.w;
  }

  private solve(): number[] | undefined {
    const n = this.w.length;
    const l = this.a.map(() => new Array<number>(n).fill(0));
    const d = new Array<number>(n).fill(0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        let sum = this.a[i]![j]!;
        for (let k = 0; k < j; k++) sum -= l[i]![k]! * l[j]![k]! * d[k]!;
        l[i]![j] = sum / d[j]!;
      }
      let pivot = this.a[i]![i]! + 1;
      for (let k = 0; k < i; k++) pivot -= l[i]![k]! * l[i]![k]! * d[k]!;
      if (pivot < 0.5) return undefined;
      d[i] = pivot;
    }
    const y = new Array<number>(n).fill(0);
    for (let i = 0; i < n; i++) {
      let sum = this.b[i]!;
      for (let k = 0; k < i; k++) sum -= l[i]![k]! * y[k]!;
      y[i] = sum;
    }
    const w = new Array<number>(n).fill(0);
    for (let i = n - 1; i >= 0; i--) {
      let sum = y[i]! / d[i]!;
      for (let k = i + 1; k < n; k++) sum -= l[k]![i]! * w[k]!;
      w[i] = sum;
    }
    return w;
  }
}

const KNOWN = [
  [0, -1],
  [-1, 0],
  [-1, -1],
  [-1, 1],
  [0, -2],
  [-2, 0],
  [-1, -2],
  [-2, 1],
  [-2, -1],
  [-1, 2],
] as const;
const BEFORE = [
  [0, 0],
  [0, -1],
  [-1, 0],
  [-1, -1],
] as const;
const AHEAD = [
  [0, 1],
  [1, 0],
  [1, -1],
  [1, 1],
] as const;

/** Samples of a low section of method 2. */
export function decodeModelled(section: Uint8Array, { height, width, channels, high }: HighPixels): number[] {
  const shiftOf = (c: number) => (channels % 2 === 0 && c === channels - 1 ? 8 : section[1]!);
  const half = (c: number) => Math.floor(2 ** (shiftOf(c) - 1));
  const values = new Array<number>(height * width * channels).fill(0);
  const index = (y: number, x: number, c: number) => (y * width + x) * channels + c;
  const isInside = (y: number, x: number) => y >= 0 && y < height && x >= 0 && x < width;
  const middle = (y: number, x: number, c: number) => high[index(y, x, c)]! * 2 ** shiftOf(c) + half(c);

  const inputsOf = (y: number, x: number, c: number): number[] => {
    const inputs = KNOWN.map(([dy, dx]) =>
      isInside(y + dy, x + dx) ? values[index(y + dy, x + dx, c)]! - middle(y, x, c) : 0,
    );
    for (let other = 0; other < c; other++) {
      for (const [dy, dx] of BEFORE) {
        inputs.push(isInside(y + dy, x + dx) ? values[index(y + dy, x + dx, other)]! - middle(y, x, other) : 0);
      }
    }
    for (const [dy, dx] of AHEAD) {
      inputs.push(isInside(y + dy, x + dx) ? middle(y + dy, x + dx, c) - middle(y, x, c) : 0);
    }
    return inputs;
  };

  const wide = Array.from({ length: channels }, (_, c) => new Squares(14 + 4 * c, 511 / 512));
  const near = Array.from({ length: channels }, (_, c) => new Squares(10 + 4 * c, 31 / 32));
  const errors = [0, 1, 2].map(() => new Map<string, number>());
  const counters = Array.from({ length: 5 }, () => new Counters());
  const [first, second] = [new Weights(), new Weights()];

  const rowsPerBlock = Math.max(1, Math.floor(262144 / (width * channels)));
  let offset = 2;
  let stack = new AnsStack();
  for (let y = 0; y < height; y++) {
    if (y % rowsPerBlock === 0) {
      let length = 0;
      let unit = 1;
      for (let more = true; more; unit *= 128) {
        const byte = section[offset++]!;
        length += (byte % 128) * unit;
        more = byte >= 128;
      }
      stack = AnsStack.fromBytes(section.subarray(offset, offset + length));
      offset += length;
    }
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const shift = shiftOf(c);
        const inputs = inputsOf(y, x, c);
        const [left, above, aboveLeft] = inputs as [number, number, number];
        const [least, most] = [Math.min(left, above), Math.max(left, above)];
        const median = aboveLeft >= most ? least : aboveLeft <= least ? most : left + above - aboveLeft;
        const limit = 24 * 2 ** shift;
        const predictions = [wide[c]!.predict(inputs), near[c]!.predict(inputs), median].map(
          (value) => clamp(Math.floor(16 * value + 0.5), -limit, limit) + 16 * half(c),
        );
        const classes = errors.map((map) => {
          const error = (dy: number, dx: number) => map.get(`${y + dy} ${x + dx} ${c}`) ?? 0;
          const sum = 3 * error(0, -1) + 2 * error(-1, 0) + error(-1, 1) + 1;
          const octave = Math.floor(Math.log2(sum));
          return octave === 0 ? 0 : 2 * octave + (Math.floor(sum / 2 ** (octave - 1)) % 2);
        });
        let low = 0;
        for (let bit = shift - 1, node = 1; bit >= 0; bit--) {
          const contexts = predictions.map((prediction, i) => {
            const error = (2 + (classes[i]! % 2)) * 2 ** Math.floor(classes[i]! / 2);
            const distance = prediction - 16 * (low + 2 ** bit) + 8;
            return `${c} ${classes[i]} ${bit} ${clamp(Math.floor((48 * distance) / error), -32, 31)}`;
          });
          contexts.push(`${c} ${high[index(y, x, c)]} ${node}`, `${c} ${node}`);
          const opinions = contexts.map((context, i) => counters[i]!.logOdds(context));
          const [firstSet, secondSet] = [`${c} ${classes[0]} ${bit}`, `${c} ${node}`];
          const mixed = Math.floor((first.mix(firstSet, opinions) + second.mix(secondSet, opinions)) / 2);
          const freq = PROBABILITIES[mixed + 2815]!;
          const value = stack.peek(16) < freq ? 1 : 0;
          if (value === 1) stack.pop(0, freq, 16);
          else stack.pop(freq, 65536 - freq, 16);
          first.learn(firstSet, opinions, value);
          second.learn(secondSet, opinions, value);
          for (const [i, context] of contexts.entries()) counters[i]!.learn(context, value);
          low += value * 2 ** bit;
          node = 2 * node + value;
        }
        values[index(y, x, c)] = high[index(y, x, c)]! * 2 ** shift + low;
        wide[c]!.learn(inputs, low - half(c));
        near[c]!.learn(inputs, low - half(c));
        for (const [i, map] of errors.entries()) map.set(`${y} ${x} ${c}`, Math.abs(16 * low - predictions[i]!));
      }
    }
  }
  return values;
}
