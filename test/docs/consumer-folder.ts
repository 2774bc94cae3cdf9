import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from '../cli/run-main.ts';

/** A package of somebody else, CommonJS unless files say otherwise, in which vdmz is installed. */
export function consumerFolder(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules', 'vdmz'), 'junction');
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  return folder;
}
