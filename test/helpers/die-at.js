/**
 * Preloaded with --import: the process kills itself with SIGKILL instead of its change number DIE_AT of the file system,
 * counted from 0; of a file that it would write, half is written. The moments in between leave the same files.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

const CHANGES = ['writeFile', 'chmod', 'utimes', 'link', 'rename', 'rm', 'mkdir'];

const { promises, writeFileSync } = createRequire(import.meta.url)('node:fs');
let left = Number(process.env.DIE_AT);

for (const name of CHANGES) {
  const change = promises[name];
  promises[name] = (...values) => {
    if (left-- > 0) return change(...values);
    if (name === 'writeFile') writeFileSync(values[0], values[1].subarray(0, values[1].length >> 1));
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  };
}
syncBuiltinESMExports();
