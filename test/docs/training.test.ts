/** The table of docs/training.md is the config: every field, and no other. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/train/config.ts';

it('explains every field of a training config', () => {
  const [, table] = /\n## Config\n([\s\S]*?)\n## /.exec(readFileSync('docs/training.md', 'utf8'))!;
  const rows = table!.split('\n').filter((line) => line.startsWith('| `'));
  const fields = rows.flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, field]) => field!));
  expect(fields.sort()).toEqual(Object.keys(DEFAULT_CONFIG).sort());
});
