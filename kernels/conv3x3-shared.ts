/** The convolution on memory that threads share; team.ts says how. */
import { Job, Workspace } from './chunk';
import { dismissTeam, leadTeam, serveTeam } from './team';

export { convolve, transformFilters, widenPlanes } from './conv3x3';

/** Computes a convolution together with the threads that serve the team. */
export function lead(job: Job, team: usize, workspace: Workspace, patience: i32): i32 {
  return leadTeam<Job, Workspace>(job, team, workspace, patience);
}

/** Takes part in the convolutions of a team until it is dismissed. */
export function serve(job: Job, team: usize, workspace: Workspace): void {
  serveTeam<Job, Workspace>(job, team, workspace);
}

/** Ends the threads that serve the team. */
export function dismiss(team: usize): void {
  dismissTeam(team);
}
