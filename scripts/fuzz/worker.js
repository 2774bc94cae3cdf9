/**
 * The process that runs cases: `node worker.js SEED FIRST END`. Says on standard output when each begins and what came
 * of it, a line of JSON each, written before anything else happens, so that a crash or hang is known by its run.
 */
import { writeSync } from 'node:fs';
import { decodeHeader } from '../../dist/container/header.js';
import { caseOf } from './cases.js';
import { allowedMegabytes } from './limits.js';

const [seed, first, end] = process.argv.slice(2).map(Number);
const say = (message) => writeSync(1, `${JSON.stringify(message)}\n`);

/** Of what a run before was allowed, some may not be given back yet. */
const KEPT_MEGABYTES = 16;

const peakMegabytes = () => process.resourceUsage().maxRSS / 1024;

function statedPixels(bytes) {
  try {
    const { header } = decodeHeader(bytes);
    return header.height * header.width;
  } catch {
    return 0;
  }
}

async function runCase(run) {
  const { kind, bytes, check } = caseOf(seed, run);
  const allowed = allowedMegabytes(statedPixels(bytes));
  say({ begun: run });
  const before = Math.round(peakMegabytes()); // of a run before, which may have been allowed more: up to that this process sees nothing
  const started = performance.now();
  const label = await check();
  const peak = Math.round(peakMegabytes());
  if (peak > Math.max(allowed, before > allowed ? before + KEPT_MEGABYTES : 0))
    throw new Error(`takes ${peak} MB, ${Math.round(allowed)} are allowed`);
  say({ done: run, label: `${kind} ${label}`, ms: Math.round(performance.now() - started), peak });
}

for (let run = first; run < end; run++) {
  try {
    await runCase(run);
  } catch (error) {
    say({ failed: run, text: error.stack });
  }
}
