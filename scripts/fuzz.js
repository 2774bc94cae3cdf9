/**
 * Fuzzing: damaged files, PNGs and stacks, each of which must give the right result or a CodecError of a known code,
 * within the limits of scripts/fuzz/limits.js.
 *
 * Runs are numbered and depend on seed and number alone. They happen in a process of their own, which is replaced when
 * it crashes, hangs or takes too much memory. Inputs that fail are written to a folder.
 * --corpus adds an input of every error that its folder has none of yet; --labels lists how often each came.
 * Usage: npm run fuzz -- [--runs 10000] [--seed 1] [--first 0] [--out fuzz-failures] [--corpus fixtures/corpus] [--labels]
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { caseOf } from './fuzz/cases.js';
import { MAX_SECONDS } from './fuzz/limits.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    out: { type: 'string', default: 'fuzz-failures' },
    corpus: { type: 'string' },
    labels: { type: 'boolean', default: false },
  },
});
const [numRuns, seed, first] = [values.runs, values.seed, values.first].map(Number);
const end = first + numRuns;

const WORKER = fileURLToPath(new URL('./fuzz/worker.js', import.meta.url));
const EXTENSIONS = { file: 'vdmz', payload: 'vdmz', archive: 'vdmza', png: 'png', stack: 'bin' };

const labels = new Map();
/** Most bytes of a file of the corpus. */
const MAX_COLLECTED = 700;
let numFailed = 0;
let slowest = { ms: 0 };
let peak = 0;

function fail(run, text) {
  numFailed++;
  const { kind, bytes } = caseOf(seed, run);
  mkdirSync(values.out, { recursive: true });
  const path = join(values.out, `seed-${seed}-run-${run}.${EXTENSIONS[kind]}`);
  writeFileSync(path, bytes);
  console.error(`run ${run} of seed ${seed} failed, see ${path}: ${text}`);
}

/** Adds the first small input of an error. */
function collect(run, error) {
  const { kind, bytes } = caseOf(seed, run);
  const path = join(values.corpus, `${error}.${EXTENSIONS[kind]}`);
  if (error === 'right' || bytes.length > MAX_COLLECTED || existsSync(path)) return;
  mkdirSync(values.corpus, { recursive: true });
  writeFileSync(path, bytes);
}

function note({ done, label, ms, peak: megabytes }) {
  if (values.corpus !== undefined) collect(done, label.split(' ')[1]);
  labels.set(label, (labels.get(label) ?? 0) + 1);
  if (ms > slowest.ms) slowest = { ms, run: done };
  peak = Math.max(peak, megabytes);
  if ((done + 1) % 10_000 === 0) console.error(`${done + 1 - first} runs, ${numFailed} failed`);
}

/** Runs of a process: what decoding WebP leaves in pieces of its heap adds up to some 100 MB. */
const RUNS_A_PROCESS = 5_000;

/** Runs from `from` on, until there were enough or the process must go; resolves to the next run. */
async function runProcess(from) {
  const last = Math.min(from + RUNS_A_PROCESS, end);
  const child = spawn(process.execPath, [WORKER, seed, from, last], { stdio: ['ignore', 'pipe', 'inherit'] });
  let running;
  let next = from;
  let timer;
  const giveUp = () => child.kill('SIGKILL');
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line);
    clearTimeout(timer);
    running = message.begun;
    if ('begun' in message) timer = setTimeout(giveUp, MAX_SECONDS * 1000);
    if ('done' in message) {
      note(message);
      next = message.done + 1;
    }
    if ('failed' in message) {
      fail(message.failed, message.text);
      next = message.failed + 1;
      giveUp(); // its state, and its peak of memory, may spoil what follows
      break;
    }
  }
  if (running === undefined) return next;
  fail(running, `crashed, or took more than ${MAX_SECONDS} s`);
  return running + 1;
}

const started = performance.now();
for (let run = first; run < end; ) {
  const next = await runProcess(run);
  if (next === run) throw new Error('the process of the fuzzer does not start');
  run = next;
}
const seconds = (performance.now() - started) / 1000;
if (values.labels) for (const [label, count] of [...labels].sort()) console.log(`${count} ${label}`);
console.log(
  `${numRuns} runs of seed ${seed} in ${seconds.toFixed(0)} s: ${numFailed} failed, ${labels.size} outcomes; ` +
    `slowest ${(slowest.ms / 1000).toFixed(2)} s (run ${slowest.run}), at most ${peak} MB`,
);
process.exitCode = numFailed === 0 ? 0 : 1;
