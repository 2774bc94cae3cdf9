/** What of a config a plain VDM on pixels uses. */
import type { Process } from '../model/installed-models.ts';
import type { Methods } from '../training-methods.ts';

interface Choices extends Methods {
  readonly process: Process;
  readonly trunkBlocks: number;
}

/** What it may be, in the words of a config; the first is its default. */
const CHOICES: { readonly [Field in keyof Choices]: readonly [Choices[Field], ...Choices[Field][]] } = {
  process: ['gaussian'],
  trunkBlocks: [0],
  schedule: ['straight', 'learned'],
  objective: ['vlb'],
  prediction: ['eps'],
  variance: ['beta-tilde'],
  time: ['continuous'],
  timeSampler: ['low-discrepancy'],
};

const FIRST = Object.fromEntries(
  Object.entries(CHOICES).map(([field, [first]]) => [field, first]),
) as unknown as Choices;

/** Defaults in place of those of pyramids; without an integer model there is nothing to round for. */
export const PIXEL_DEFAULTS: Choices & { readonly fakeQuantize: boolean } = { ...FIRST, fakeQuantize: false };

/** @throws RangeError naming the field */
export function assertPixelConfig(config: Choices): void {
  for (const [field, choices] of Object.entries<readonly unknown[]>(CHOICES)) {
    const given = config[field as keyof Choices];
    if (choices.includes(given)) continue;
    const needed = choices.map((choice) => JSON.stringify(choice)).join(' or ');
    throw new RangeError(`"${field}" of a plain VDM on pixels must be ${needed}, got ${JSON.stringify(given)}`);
  }
}
