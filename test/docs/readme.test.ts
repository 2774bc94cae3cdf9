/** What README.md tells people to run. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { decodePng } from '../../src/image/png.ts';
import { consumerFolder } from './consumer-folder.ts';

const README = readFileSync('README.md', 'utf8');

/** The examples of the library, in their order, and what each prints. */
const EXAMPLES = [...README.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);
const PRINTED = [
  /^\d+ Uint8Array\(12\) \[\s+200,[\s200,]*\]\n$/,
  /^33 x 21, 3 channels, restores (byte for byte|pixels and chunks)\n$/,
  /^7\n$/,
];

it('has as many library examples as are tested', () => {
  expect(EXAMPLES).toHaveLength(PRINTED.length);
});

it.each(PRINTED.map((printed, i) => [i + 1, printed] as const))('library example %i runs', async (number, printed) => {
  const folder = consumerFolder();
  const code = EXAMPLES[number - 1]!;
  const app = join(folder, code.startsWith('import ') ? 'app.mjs' : 'app.cjs');
  writeFileSync(app, code);
  const png = readFileSync('fixtures/images/gradient-interlaced-rgb8-33x21.png');
  writeFileSync(join(folder, 'photo.png'), png);
  const { stdout } = await promisify(execFile)(process.execPath, [app], { cwd: folder });
  expect(stdout).toMatch(printed);
  if (code.includes('copy.png')) {
    expect(decodePng(readFileSync(join(folder, 'copy.png')))).toEqual(decodePng(png));
  }
});

it('has the two commands that continuous integration runs', () => {
  const commands = [...README.matchAll(/^ {4}(npm ci && .*)$/gm)].map(([, command]) => command!);
  expect(commands).toEqual([expect.stringContaining(' compress fixtures/images/'), 'npm ci && npm test']);
  expect(readFileSync('.ci/run', 'utf8')).toContain(`\n${commands.join(' &&\n')}\n`);
});

it('links only to files that exist', () => {
  const links = [...README.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => target!);
  expect(links.length).toBeGreaterThan(5);
  for (const link of links) expect(readFileSync(link, 'utf8').length).toBeGreaterThan(0);
});
