/**
 * Threads that help with the jobs of one kernel. They share its memory, claim chunks of a job as they
 * get to it and sleep in between (kernels/team.ts), so nobody waits for a helper to start, and a helper that
 * fails to start or ends between jobs is not missed.
 *
 * Helpers start with the first job. They do not keep the process alive, and end when the team is garbage.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SharedKernel } from './load.ts';
import type { KernelMemory } from './memory.ts';

/** A tile of a stage has work for no more. */
const MAX_DEFAULT_THREADS = 16;

/** Threads to use where nobody says how many. */
export const defaultThreads = (): number => Math.min(availableParallelism(), MAX_DEFAULT_THREADS);

const SCRIPT = new URL('../../kernels/conv3x3-worker.js', import.meta.url);
const TEAM_BYTES = 256;
/** How long a helper may keep a chunk, which takes it less than a millisecond of computing. */
const PATIENCE_MS = 5000;

/** A helper took a part of a job and did not finish it. The kernel is of no use any more. */
export class HelperLostError extends Error {}

interface Helpers {
  readonly wasm: SharedKernel;
  readonly team: number;
}

const abandoned = new FinalizationRegistry<Helpers>(({ wasm, team }) => wasm.dismiss(team));

export class Team {
  /** Threads, the leader included. */
  readonly size: number;
  private readonly wasm: SharedKernel;
  private readonly job: number;
  private readonly team: number;
  /** Of helpers that are not started yet. */
  private helperWorkspaces: readonly number[];

  /**
   * @param job pointer to the job of all calls
   * @param helperWorkspaces pointers to a workspace for each helper
   */
  constructor(wasm: SharedKernel, memory: KernelMemory, job: number, helperWorkspaces: readonly number[]) {
    this.wasm = wasm;
    this.job = job;
    this.team = memory.allocate(TEAM_BYTES);
    memory.int8(this.team, TEAM_BYTES).fill(0);
    this.size = 1 + helperWorkspaces.length;
    this.helperWorkspaces = helperWorkspaces;
    abandoned.register(this, { wasm, team: this.team });
  }

  /** Has the helpers begin with the job, which is theirs until it is finished. */
  begin(): void {
    this.start();
    this.wasm.begin(this.job, this.team);
  }

  /** Finishes the job together with the helpers that are there. @throws HelperLostError */
  finish(workspace: number): void {
    if (this.wasm.finish(this.job, this.team, workspace, PATIENCE_MS) === 1) return;
    this.wasm.dismiss(this.team);
    throw new HelperLostError('a thread took a part of a job and did not finish it');
  }

  private start(): void {
    const { module, memory } = this.wasm;
    for (const workspace of this.helperWorkspaces) {
      startHelper({ module, memory, job: this.job, team: this.team, workspace });
    }
    this.helperWorkspaces = [];
  }
}

function startHelper(workerData: object): void {
  try {
    // Without the options of this process, which may load programs and profilers into every thread.
    const worker = new Worker(SCRIPT, { workerData, execArgv: [] });
    worker.on('error', () => undefined);
    worker.unref();
  } catch {
    // Where no thread can be started, the leader does all the work.
  }
}
