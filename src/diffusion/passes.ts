/**
 * The passes in which details without latents are coded: the network sees, at every position, those of all passes before. It is
 * the chain of a diffusion whose noise differs by coefficient (Sahoo et al., arXiv:2312.13236) and falls from all to nothing for
 * a few of them at each step, so that there is nothing to send or to get back but the details themselves.
 *
 * Diagonal before horizontal before vertical ones, and Co before Cg before Y: each tells what integer transforms round away
 * from the next (src/pyramid/rounding-shifts.ts). Co is whole before the first of Cg, and Cg before the first of Y; so one
 * ends and the next begins in one pass.
 */
export const NUM_PASSES = 7;

/** [9]: pass of the horizontal, vertical and diagonal details, of Y, Co and Cg each. */
// biome-ignore format: a band a row
export const PASS_OF = [
  5, 1, 3,
  6, 2, 4,
  4, 0, 2,
] as const;

/** [9]: 1 for coefficients that are known before a pass. */
export const seenBefore = (pass: number): number[] => PASS_OF.map((own) => (own < pass ? 1 : 0));
/** [9]: 1 for the coefficients of a pass. */
export const codedIn = (pass: number): number[] => PASS_OF.map((own) => (own === pass ? 1 : 0));

/** What stands for gamma in the network's FiLM rows of a pass. */
export const passGamma = (pass: number): number => 6 - pass;
