/** What of a config a plain VDM on pixels uses. */
import type { Process } from '../model/installed-models.ts';
import type { Methods } from '../training-methods.ts';

interface Fixed extends Methods {
  readonly process: Process;
  readonly trunkBlocks: number;
}

/** What it is, in the words of a config: it has no choice of these. */
export const PIXEL_METHODS: Fixed = {
  process: 'gaussian',
  trunkBlocks: 0,
  schedule: 'straight',
  objective: 'vlb',
  prediction: 'eps',
  variance: 'beta-tilde',
  time: 'continuous',
  timeSampler: 'low-discrepancy',
};

/** Defaults that differ from those of pyramids; without an integer model there is nothing to round for. */
export const PIXEL_DEFAULTS: Fixed & { readonly fakeQuantize: boolean } = { ...PIXEL_METHODS, fakeQuantize: false };

/** Of pyramids and of absorbing diffusion. */
const UNUSED: readonly string[] = ['headChannels', 'components', 'levels', 'steps', 'seedShare'];

/**
 * @param stated names of the fields that are not left to defaults, none of which may be without use
 * @throws RangeError naming the field
 */
export function assertPixelConfig(config: Fixed, stated: readonly string[]): void {
  for (const [field, value] of Object.entries(PIXEL_METHODS)) {
    const given = JSON.stringify(config[field as keyof Fixed]);
    const needed = JSON.stringify(value);
    if (given !== needed) throw new RangeError(`"${field}" of a plain VDM on pixels must be ${needed}, got ${given}`);
  }
  const unused = stated.find((field) => UNUSED.includes(field));
  if (unused !== undefined) throw new RangeError(`"${unused}" means nothing to a plain VDM on pixels`);
}
