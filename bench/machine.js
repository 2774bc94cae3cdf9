/** What a result was measured on. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

export function machine() {
  const git = (...words) => execFileSync('git', words, { encoding: 'utf8' }).trim();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: git('rev-parse', '--short', 'HEAD'),
    node: process.version,
    cpu: cpus()[0].model.trim(),
    cores: cpus().length,
  };
}
