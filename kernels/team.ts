/**
 * Jobs on memory that threads share: a leader publishes a job, and everybody who is there takes chunks of it.
 *
 * Chunks are claimed one by one, so a thread that starts late, is slow or has ended takes fewer chunks or none, and the
 * leader alone finishes any job. `team` points to 256 zeroed bytes:
 *   - jobs rises with each job; idle threads wait for that;
 *   - unclaimed counts chunks that nobody has taken. A thread takes one by lowering it from above 0;
 *   - unfinished counts chunks that are not done. Job and team change only while it is 0, so whoever holds a chunk sees
 *     the job it belongs to;
 *   - dismissed is 1 when the threads are to end.
 *
 * A job is a class with chunks(), their number, and runChunk(chunk, workspace).
 */

// Offsets in team, each in a cache line of its own.
const JOBS: usize = 0;
const UNCLAIMED: usize = 64;
const UNFINISHED: usize = 128;
const DISMISSED: usize = 192;

/** Looks at memory before sleeping: some tenths of a millisecond, as long as a batch of pixels is coded between its jobs. */
const LOOKS = 300_000;
/** In nanoseconds. */
const MILLISECOND: i64 = 1_000_000;
const NO_CHUNK = -1;

/** Publishes a job: threads that serve the team take chunks of it, whatever the leader does until it finishes the job. */
export function beginJob<Job>(job: Job, team: usize): void {
  const chunks = job.chunks();
  atomic.store<i32>(team, chunks, UNFINISHED);
  atomic.store<i32>(team, chunks, UNCLAIMED);
  atomic.add<i32>(team, 1, JOBS);
  atomic.notify(team + JOBS);
}

/**
 * Takes part in the job that was begun, until it is done.
 *
 * @param patience how many milliseconds to wait for the others while nothing gets done
 * @returns 0 when a thread holds a chunk and does not finish it; the memory is then lost to that thread
 */
export function finishJob<Job, Workspace>(job: Job, team: usize, workspace: Workspace, patience: i32): i32 {
  takeChunks<Job, Workspace>(job, team, workspace);
  return awaitOthers(team, patience);
}

/** Takes part in the jobs of a team until it is dismissed. */
export function serveTeam<Job, Workspace>(job: Job, team: usize, workspace: Workspace): void {
  let seen = atomic.load<i32>(team, JOBS);
  while (!atomic.load<i32>(team, DISMISSED)) {
    takeChunks<Job, Workspace>(job, team, workspace);
    awaitChange(team + JOBS, seen, -1);
    seen = atomic.load<i32>(team, JOBS);
  }
}

/** Ends the threads that serve the team. */
export function dismissTeam(team: usize): void {
  atomic.store<i32>(team, 1, DISMISSED);
  atomic.add<i32>(team, 1, JOBS);
  atomic.notify(team + JOBS);
}

function takeChunks<Job, Workspace>(job: Job, team: usize, workspace: Workspace): void {
  for (let chunk = claim(team); chunk != NO_CHUNK; chunk = claim(team)) {
    job.runChunk(chunk, workspace);
    if (atomic.sub<i32>(team, 1, UNFINISHED) == 1) atomic.notify(team + UNFINISHED);
  }
}

/** The number of a chunk that is now the caller's. */
function claim(team: usize): i32 {
  let left = atomic.load<i32>(team, UNCLAIMED);
  while (left > 0) {
    const found = atomic.cmpxchg<i32>(team, left, left - 1, UNCLAIMED);
    if (found == left) return left - 1;
    left = found;
  }
  return NO_CHUNK;
}

function awaitOthers(team: usize, patience: i32): i32 {
  let rest = patience;
  for (let left = atomic.load<i32>(team, UNFINISHED); left > 0; ) {
    awaitChange(team + UNFINISHED, left, MILLISECOND);
    const now = atomic.load<i32>(team, UNFINISHED);
    // Waits are counted, not timed: a process that was stopped for a while must not blame its threads. Downward: the baseline
    // compiler of V8 12 in Node.js 20 keeps a counter that a conditional resets at its first value, and waits for ever.
    if (now != left) rest = patience;
    else if (--rest < 0) return 0;
    left = now;
  }
  return 1;
}

/** Returns when the value at `pointer` is no longer `seen`, or perhaps earlier. */
function awaitChange(pointer: usize, seen: i32, timeout: i64): void {
  for (let look = 0; look < LOOKS; look++) if (atomic.load<i32>(pointer) != seen) return;
  atomic.wait<i32>(pointer, seen, timeout);
}
