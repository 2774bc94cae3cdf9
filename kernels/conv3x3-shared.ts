/** The convolution on memory that threads share; team.ts says how. */
import { Job, Workspace } from './chunk';
import { beginJob, dismissTeam, finishJob, serveTeam } from './team';

export { convolve, transformFilters, widenPlanes } from './conv3x3';

/** Has the threads that serve the team begin with a convolution. */
export function begin(job: Job, team: usize): void {
  beginJob<Job>(job, team);
}

/** Finishes it together with them. */
export function finish(job: Job, team: usize, workspace: Workspace, patience: i32): i32 {
  return finishJob<Job, Workspace>(job, team, workspace, patience);
}

/** Takes part in the convolutions of a team until it is dismissed. */
export function serve(job: Job, team: usize, workspace: Workspace): void {
  serveTeam<Job, Workspace>(job, team, workspace);
}

/** Ends the threads that serve the team. */
export function dismiss(team: usize): void {
  dismissTeam(team);
}
