/** Numbers after which the state no longer shows the seed. */
const WARM_UP = 12;

/** Seeded random numbers whose state can be saved, so that a resumed run draws what the uninterrupted one would have. */
export class Random {
  /** Four 32-bit words of the sfc32 generator (PractRand, C. Doty-Humphrey). */
  private readonly words: Uint32Array;

  constructor(seed: number | readonly number[]) {
    this.words = new Uint32Array(typeof seed === 'number' ? [seed, 0x9e3779b9, 0x243f6a88, 1] : seed);
    if (typeof seed === 'number') for (let i = 0; i < WARM_UP; i++) this.uint32();
  }

  /** The numbers of one of many streams that a seed has. @param index of the stream, 0..2^32 - 1 */
  static stream(seed: number, index: number): Random {
    const random = new Random([seed, index, 0x243f6a88, 1]);
    for (let i = 0; i < WARM_UP; i++) random.uint32();
    return random;
  }

  get state(): number[] {
    return Array.from(this.words);
  }

  uint32(): number {
    const w = this.words;
    const sum = (w[0]! + w[1]! + w[3]!) >>> 0;
    w[3] = w[3]! + 1;
    w[0] = w[1]! ^ (w[1]! >>> 9);
    w[1] = w[2]! + (w[2]! << 3);
    w[2] = ((w[2]! << 21) | (w[2]! >>> 11)) + sum;
    return sum;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** Uniform integer in [0, end). */
  integer(end: number): number {
    return Math.floor(this.uniform() * end);
  }

  /** Index drawn with probability proportional to weights[index]. */
  choice(weights: readonly number[]): number {
    let left = this.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    for (let i = 0; i < weights.length - 1; i++) {
      left -= weights[i]!;
      if (left < 0) return i;
    }
    return weights.length - 1;
  }

  /** Standard normal numbers (Box and Muller, 1958). */
  normal(count: number): Float32Array {
    const out = new Float32Array(count);
    for (let i = 0; i < count; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      const angle = 2 * Math.PI * this.uniform();
      out[i] = radius * Math.cos(angle);
      if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
    }
    return out;
  }
}
