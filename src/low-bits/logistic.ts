/**
 * The logistic function between log odds and probabilities, as tables of integers: the same on every machine.
 *
 * Log odds are in units of 1/256, magnitude at most MAX_LOG_ODDS, that is 11; probabilities are of 2^16.
 */

/** Largest magnitude of log odds. */
export const MAX_LOG_ODDS = 2815;
export const PROBABILITY_BITS = 16;

/** 2^16 / (1 + e^(-k/2)) to the nearest integer. */
// biome-ignore format: eight to a row
const KNOTS = [
  32768, 40793, 47911, 53581, 57724, 60565, 62428, 63615,
  64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500,
  65514, 65523, 65528, 65531, 65533, 65534, 65535,
];
/** Log odds from one knot to the next: 2^7. */
const KNOT_SHIFT = 7;

const SQUASHED = Int32Array.from({ length: 2 * MAX_LOG_ODDS + 1 }, (_, i) => interpolate(i - MAX_LOG_ODDS));

function interpolate(logOdds: number): number {
  if (logOdds < 0) return (1 << PROBABILITY_BITS) - interpolate(-logOdds);
  const knot = logOdds >> KNOT_SHIFT;
  const rest = logOdds & ((1 << KNOT_SHIFT) - 1);
  return KNOTS[knot]! + (((KNOTS[knot + 1]! - KNOTS[knot]!) * rest) >> KNOT_SHIFT);
}

/** The probability, 2..2^16 - 2, of log odds within MAX_LOG_ODDS. */
export const squash = (logOdds: number): number => SQUASHED[logOdds + MAX_LOG_ODDS]!;

/** Log odds are tabulated by the upper 12 bits of a probability. */
export const STRETCH_BITS = 12;
const STEP = 1 << (PROBABILITY_BITS - STRETCH_BITS);

/** [2^STRETCH_BITS], the least log odds whose probability is not below the middle of the step. */
const STRETCHED = tabulateStretched();

function tabulateStretched(): Int16Array {
  const table = new Int16Array(1 << STRETCH_BITS);
  let logOdds = -MAX_LOG_ODDS;
  for (let i = 0; i < table.length; i++) {
    while (logOdds < MAX_LOG_ODDS && squash(logOdds) < i * STEP + STEP / 2) logOdds++;
    table[i] = logOdds;
  }
  return table;
}

/** The log odds of a probability. @param step its upper STRETCH_BITS bits */
export const stretch = (step: number): number => STRETCHED[step]!;
