/** The experiments of experiments.json: one for each seed of each row. */
import { readFileSync } from 'node:fs';
import { parseConfig } from '../../dist/train/config.js';
import { assertPixelConfig } from '../../dist/train/pixel-config.js';

/** Each { name, seed, domain, config }; `only` are the names to take. */
export function experiments(path, { only, iterations } = {}) {
  const { base, rows } = JSON.parse(readFileSync(path, 'utf8'));
  const unknown = (only ?? []).filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) throw new Error(`no experiment is called ${unknown.join(', ')}`);
  return rows
    .filter(({ name }) => only === undefined || only.includes(name))
    .flatMap(({ name, seeds, domain = 'pyramid', config }) =>
      seeds.map((seed) => {
        const fields = { ...base, ...config, ...(iterations === undefined ? {} : { iterations }), name, seed };
        const parsed = parseConfig(fields);
        if (domain === 'pixels') assertPixelConfig(parsed, Object.keys(config));
        return { name, seed, domain, config: parsed };
      }),
    );
}
