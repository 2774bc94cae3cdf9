/** The experiments of experiments.json: one for each seed of each row. */
import { readFileSync } from 'node:fs';
import { parseConfig } from '../../dist/train/config.js';

/** Each { name, seed, config }; `only` are the names to take. */
export function experiments(path, { only, iterations } = {}) {
  const { base, rows } = JSON.parse(readFileSync(path, 'utf8'));
  const unknown = (only ?? []).filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) throw new Error(`no experiment is called ${unknown.join(', ')}`);
  return rows
    .filter(({ name }) => only === undefined || only.includes(name))
    .flatMap(({ name, seeds, config }) =>
      seeds.map((seed) => {
        const fields = { ...base, ...config, ...(iterations === undefined ? {} : { iterations }), name, seed };
        return { name, seed, config: parseConfig(fields) };
      }),
    );
}
