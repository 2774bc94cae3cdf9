/** Models that the documents name are those that are there. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEFAULT_EFFORT, EFFORT_MODELS } from '../../src/effort.ts';
import { DEFAULT_MODEL, installedModels } from '../../src/model/installed-models.ts';
import { modelIdText } from '../../src/model/model.ts';

it('models/README.md names each model with its id, and the defaults', async () => {
  const headings = [...readFileSync('models/README.md', 'utf8').matchAll(/^## (\S+)( \(default\))?, id (\w{8})$/gm)];
  const models = (await installedModels()).map(({ name, id }) => [name, modelIdText(id)]);
  expect(headings.map(([, name, , id]) => [name, id])).toEqual(models);
  expect(headings.filter(([, , isDefault]) => isDefault).map(([, name]) => name)).toEqual([
    DEFAULT_MODEL,
    EFFORT_MODELS[DEFAULT_EFFORT],
  ]);
});
