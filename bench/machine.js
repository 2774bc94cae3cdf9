/** What a result was measured on, and what it took there. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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

const STATUS = '/proc/self/status';

/** The most memory that this process has held; maxRSS on Linux is at least that of the process which started it. */
export function peakMegabytes() {
  const status = existsSync(STATUS) ? readFileSync(STATUS, 'utf8') : '';
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return Number(peak ?? process.resourceUsage().maxRSS) / 1024;
}
