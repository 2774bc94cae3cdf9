/** A helper of src/kernels/team.ts: serves a team until it is dismissed. */
import { workerData } from 'node:worker_threads';

const { module, memory, job, team, workspace } = workerData;
const { serve } = new WebAssembly.Instance(module, { env: { memory } }).exports;
serve(job, team, workspace);
