/** How much time an image is worth: effort 1 to 4, each with its steps of Gaussian and its model of absorbing diffusion. */
import { STEP_COUNTS } from './diffusion/chains.ts';

/** Diffusion steps T by effort: network calls are doubled from level to level, but the one for the context. */
export const EFFORT_STEPS = { 1: 2, 2: 4, 3: 8, 4: 16 } as const;

/** Names of the models of absorbing diffusion by effort: the larger one takes two fifths more time for 0.3 % fewer bits. */
export const EFFORT_MODELS = { 1: 'pixels-3', 2: 'pixels-3', 3: 'pixels-3', 4: 'pixels-5' } as const;

/** Pixels of a band at least, by effort: small bands are coded by more threads, and learn less of the image. */
const EFFORT_BAND_PIXELS = { 1: 1 << 17, 2: 1 << 18, 3: 1 << 19, 4: 1 << 21 } as const;

export type Effort = keyof typeof EFFORT_STEPS;
export const EFFORTS = [1, 2, 3, 4] as const satisfies readonly Effort[];
/** Where the curve of docs/rate-time.svg bends: the next level takes two fifths more time for 0.3 % fewer bits. */
export const DEFAULT_EFFORT: Effort = 3;

export interface EffortOptions {
  /** 1 (fastest) to 4 (smallest). Default 3. */
  readonly effort?: Effort | undefined;
  /** In place of an effort: the diffusion steps T of each stage, 2, 4, 8 or 16. */
  readonly numSteps?: number | undefined;
}

/** The diffusion steps that the options ask for. @throws TypeError for both options, RangeError for an unknown value */
export function stepsFor({ effort, numSteps }: EffortOptions): number {
  if (effort !== undefined && numSteps !== undefined) throw new TypeError('give "effort" or "numSteps", not both');
  if (numSteps === undefined) return stepsOfEffort(effort ?? DEFAULT_EFFORT);
  if ((STEP_COUNTS as readonly number[]).includes(numSteps)) return numSteps;
  throw new RangeError(`"numSteps" must be one of ${STEP_COUNTS.join(', ')}, got ${numSteps}`);
}

function stepsOfEffort(effort: Effort): number {
  assertEffort(effort);
  return EFFORT_STEPS[effort];
}

/** The name of the model of absorbing diffusion that the options ask for, that of the default with a number of steps. @throws RangeError */
export function absorbingModelFor({ effort = DEFAULT_EFFORT }: EffortOptions): string {
  assertEffort(effort);
  return EFFORT_MODELS[effort];
}

/** Pixels that a band of absorbing diffusion has at least where nobody says how many bands there are. @throws RangeError */
export function bandPixelsFor({ effort = DEFAULT_EFFORT }: EffortOptions): number {
  assertEffort(effort);
  return EFFORT_BAND_PIXELS[effort];
}

function assertEffort(effort: Effort): void {
  if (EFFORTS.includes(effort)) return;
  throw new RangeError(`"effort" must be one of ${EFFORTS.join(', ')}, got ${effort}`);
}
