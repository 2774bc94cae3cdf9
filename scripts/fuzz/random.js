/** Seeded random choices: the same on every machine, a generator of its own for every run. */

/** mulberry32, 32 bits at a time. */
function seeded(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

export class Random {
  #next;

  constructor(seed, run = 0) {
    this.#next = seeded(Math.imul(seed, 0x9e37_79b1) ^ Math.imul(run + 1, 0x85eb_ca6b));
  }

  /** An integer in [0, end). */
  below(end) {
    return Math.floor((this.#next() / 2 ** 32) * end);
  }

  /** Mostly small, at times as large as end - 1. */
  smallBelow(end) {
    return this.below(Math.min(end, 2 ** this.below(Math.ceil(Math.log2(end + 1)) + 1)));
  }

  chance(oneIn) {
    return this.below(oneIn) === 0;
  }

  pick(choices) {
    return choices[this.below(choices.length)];
  }

  bytes(length) {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
