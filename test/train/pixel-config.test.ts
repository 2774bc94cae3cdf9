import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, parseConfig } from '../../src/train/config.ts';

const pixels = (fields: object, methods = {}) => parseConfig({ domain: 'pixels', ...fields }, methods);

describe('the config of a plain VDM on pixels', () => {
  it('needs no field but its domain', () => {
    expect(pixels({})).toEqual({
      ...DEFAULT_CONFIG,
      domain: 'pixels',
      trunkBlocks: 0,
      fakeQuantize: false,
      schedule: 'straight',
      prediction: 'eps',
      variance: 'beta-tilde',
      time: 'continuous',
    });
  });

  it('may name what it has no choice of', () => {
    const fields = { trunkBlocks: 0, schedule: 'straight', prediction: 'eps', fakeQuantize: true };
    expect(pixels(fields)).toMatchObject(fields);
    expect(pixels({}, { objective: 'vlb' })).toEqual(pixels({}));
    expect(pixels({}, { schedule: 'learned' })).toEqual({ ...pixels({}), schedule: 'learned' });
  });

  it.each([
    [{ schedule: 'cosine' }, '"schedule" of a plain VDM on pixels must be "straight" or "learned", got "cosine"'],
    [{ time: 'discrete' }, '"time" of a plain VDM on pixels must be "continuous", got "discrete"'],
    [{ prediction: 'v' }, '"prediction" of a plain VDM on pixels must be "eps", got "v"'],
    [{ objective: 'details' }, '"objective" of a plain VDM on pixels must be "vlb", got "details"'],
    [{ variance: 'learned' }, '"variance" of a plain VDM on pixels must be "beta-tilde", got "learned"'],
    [
      { timeSampler: 'importance' },
      '"timeSampler" of a plain VDM on pixels must be "low-discrepancy", got "importance"',
    ],
    [{ process: 'absorbing' }, '"process" of a plain VDM on pixels must be "gaussian", got "absorbing"'],
    [{ trunkBlocks: 1 }, '"trunkBlocks" of a plain VDM on pixels must be 0, got 1'],
    [{ seedShare: 0.1 }, '"seedShare" means nothing to a plain VDM on pixels'],
    [{ steps: { 4: 1 } }, '"steps" means nothing to a plain VDM on pixels'],
    [{ components: 5 }, '"components" means nothing to a plain VDM on pixels'],
    [{ headChannels: 64 }, '"headChannels" means nothing to a plain VDM on pixels'],
    [{ levels: [1] }, '"levels" means nothing to a plain VDM on pixels'],
    [{ domain: 'wavelets' }, '"domain" must be "pyramid" or "pixels", got "wavelets"'],
  ] as const)('refuses %j', (fields, message) => {
    expect(() => pixels(fields)).toThrow(new RangeError(message));
  });

  it('refuses methods of options in the same words', () => {
    expect(() => pixels({}, { schedule: 'cosine' })).toThrow(
      '"schedule" of a plain VDM on pixels must be "straight" or "learned"',
    );
  });
});
