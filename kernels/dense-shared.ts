/** Fully connected layers on memory that threads share; team.ts says how. Rows are computed alike by any thread. */
import { Program } from './dense';
import { beginJob, dismissTeam, finishJob, serveTeam } from './team';

export { run } from './dense';

/** Has the threads that serve the team begin with the rows of a program. */
export function begin(program: Program, team: usize): void {
  beginJob<Program>(program, team);
}

/** Finishes all rows together with them. */
export function finish(program: Program, team: usize, workspace: usize, patience: i32): i32 {
  return finishJob<Program, usize>(program, team, workspace, patience);
}

/** Takes part in the programs of a team until it is dismissed. */
export function serve(program: Program, team: usize, workspace: usize): void {
  serveTeam<Program, usize>(program, team, workspace);
}

/** Ends the threads that serve the team. */
export function dismiss(team: usize): void {
  dismissTeam(team);
}
