import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RECIPE_DICTIONARY } from '../../src/image/recipe-dictionary.ts';

const DOCUMENT = readFileSync('docs/format.md', 'utf8');

it('docs/format.md spells the dictionary of recipes out', () => {
  const [, text] = /^```dictionary\n([\s\S]*?)^```$/m.exec(DOCUMENT)!;
  const hex = text!.split('\n').map((line) => line.split('  ')[0]!.replaceAll(' ', ''));
  expect(hex.join('')).toBe(Buffer.from(RECIPE_DICTIONARY).toString('hex'));
  expect(DOCUMENT).toContain(`end of these ${RECIPE_DICTIONARY.length} bytes`);
});
