/** Fields of a config that mean nothing to what it trains: a value of theirs would be passed over without a word. */
import type { Process } from '../model/installed-models.ts';
import { METHOD_FIELDS, type Methods } from '../training-methods.ts';
import type { Domain } from './domain.ts';

/** What decides which fields those are. */
type Decisive = Pick<Methods, 'objective' | 'time'> & {
  readonly process: Process;
  readonly domain: Domain;
  readonly mixture: { readonly tops: number };
};

/** Names of fields of TrainConfig, and who has no use for them. */
interface Unused {
  readonly by: string;
  readonly fields: readonly string[];
}

/** Absorbing diffusion has neither stages nor latents, a network of dense layers, and one way to learn. */
const ABSORBING: Unused = {
  by: '"process" "absorbing"',
  fields: [...METHOD_FIELDS, 'trunkBlocks', 'filmHidden', 'precision', 'fakeQuantize', 'fourier', 'steps', 'seedShare'],
};
const GAUSSIAN: Unused = { by: '"process" "gaussian"', fields: ['headChannels', 'components'] };
/** Neither stages nor chains. */
const PIXELS: Unused = { by: 'a plain VDM on pixels', fields: ['levels', 'steps', 'seedShare', ...GAUSSIAN.fields] };
/** Infinitely many steps are of no chain. */
const CONTINUOUS: Unused = { by: '"time" "continuous"', fields: ['steps', 'seedShare', ...GAUSSIAN.fields] };
/** Without latents there is no noise. */
const DETAILS: Unused = {
  by: '"objective" "details"',
  fields: [...METHOD_FIELDS.filter((field) => field !== 'objective'), 'steps', 'seedShare', ...GAUSSIAN.fields],
};

function unusedBy(config: Decisive): Unused {
  if (config.process === 'absorbing') return ABSORBING;
  if (config.domain === 'pixels') return PIXELS;
  if (config.objective === 'details') return DETAILS;
  return config.time === 'continuous' ? CONTINUOUS : GAUSSIAN;
}

/**
 * @param stated names of fields none of which may be without use, whatever its value
 * @throws RangeError naming a field that is without use and not what it is by default
 */
export function assertFieldsUsed<Config extends Decisive>(
  config: Config,
  defaults: Config,
  stated: readonly string[],
): void {
  const { by, fields } = unusedBy(config);
  const textOf = (of: Config, field: string) => JSON.stringify(of[field as keyof Config]);
  const found =
    stated.find((field) => fields.includes(field)) ??
    fields.find((field) => textOf(config, field) !== textOf(defaults, field));
  if (found !== undefined) throw new RangeError(`"${found}" means nothing to ${by}`);
  const { tops } = config.mixture;
  if (config.process === 'absorbing' && tops !== 0 && tops !== defaults.mixture.tops) {
    throw new RangeError(`"tops" of "mixture" means nothing to ${by}, got ${tops}`);
  }
}
