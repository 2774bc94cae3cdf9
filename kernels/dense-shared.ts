/** Fully connected layers on memory that threads share; team.ts says how. Rows are computed alike by any thread. */
import { Program } from './dense';
import { dismissTeam, leadTeam, serveTeam } from './team';

export { run } from './dense';

/** Computes all rows of a program together with the threads that serve the team. */
export function lead(program: Program, team: usize, workspace: usize, patience: i32): i32 {
  return leadTeam<Program, usize>(program, team, workspace, patience);
}

/** Takes part in the programs of a team until it is dismissed. */
export function serve(program: Program, team: usize, workspace: usize): void {
  serveTeam<Program, usize>(program, team, workspace);
}

/** Ends the threads that serve the team. */
export function dismiss(team: usize): void {
  dismissTeam(team);
}
