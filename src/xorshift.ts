/**
 * Marsaglia's xorshift with 32 bits (Xorshift RNGs, 2003): good enough to look at and to measure with, and the same
 * everywhere.
 *
 * @param seed not 0
 * @returns gives the next state, an int32, at each call
 */
export function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}
