/** What of a config a plain VDM on pixels uses. */
import type { Methods } from '../training-methods.ts';
import type { TrainConfig } from './config.ts';

/** What it is, in the words of a config: it has no choice of these, and its steps in training are infinitely many whatever the config says. */
export const PIXEL_METHODS: Omit<Methods, 'time'> & Pick<TrainConfig, 'process'> = {
  process: 'gaussian',
  schedule: 'straight',
  objective: 'vlb',
  prediction: 'eps',
  variance: 'beta-tilde',
  timeSampler: 'low-discrepancy',
};

/** Of pyramids, of absorbing diffusion, and of runs that are saved and validated. */
const UNUSED: readonly string[] = [
  'trunkBlocks',
  'headChannels',
  'components',
  'patchPositions',
  'mixture',
  'levels',
  'steps',
  'seedShare',
  'checkpointSeconds',
  'validateEvery',
] satisfies readonly (keyof TrainConfig)[];

/**
 * @param stated names of fields that were set for this run alone, none of which may be without use
 * @throws RangeError naming the field
 */
export function assertPixelConfig(config: TrainConfig, stated: readonly string[] = []): void {
  for (const [field, value] of Object.entries(PIXEL_METHODS)) {
    const given = config[field as keyof typeof PIXEL_METHODS];
    if (given !== value) throw new RangeError(`"${field}" of a plain VDM on pixels must be "${value}", got "${given}"`);
  }
  const unused = stated.find((field) => UNUSED.includes(field));
  if (unused !== undefined) throw new RangeError(`"${unused}" means nothing to a plain VDM on pixels`);
}
