/** Some runs of the fuzzer itself: npm run fuzz does more. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../cli/run-main.ts';

const RUNS = 1000;

it('finds nothing in damaged files, PNGs and stacks', async () => {
  const failures = join(temporaryFolder(), 'failures');
  const argv = ['scripts/fuzz.js', '--runs', String(RUNS), '--seed', '2', '--out', failures];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  expect(stdout).toMatch(new RegExp(`^${RUNS} runs of seed 2 in \\d+ s: 0 failed, \\d+ outcomes`));
  expect(existsSync(failures)).toBe(false);
});
