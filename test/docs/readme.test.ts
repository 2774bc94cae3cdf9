/** What README.md tells people to run. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as vdmz from '../../src/index.ts';

const README = readFileSync('README.md', 'utf8');

it('has a library example that runs and prints the image', async () => {
  const [, names, body] = /```js\nimport \{ (.*) \} from 'vdmz';\n([\s\S]*?)```/.exec(README)!;
  const printed: unknown[] = [];
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
  const run = new AsyncFunction('console', `{ ${names} }`, body!);
  await run({ log: (...values: unknown[]) => printed.push(...values) }, vdmz);
  expect(printed).toEqual([expect.any(Number), new Uint8Array(12).fill(200)]);
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
