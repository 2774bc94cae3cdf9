/** Which file goes where: the names on the command line as jobs, none of which touches a file of another. */
import { extname, join } from 'node:path';
import { about, UsageError } from './exit-codes.ts';
import type { Job } from './file-command.ts';
import { defaultOutput, inputName, kindOf, placeOf, STANDARD_STREAM } from './files.ts';
import { type InputFile, listInputs } from './inputs.ts';

export interface JobNames {
  readonly output?: string | undefined;
  readonly recursive?: boolean | undefined;
}

export interface Extensions {
  /** Inputs that are taken from folders. */
  readonly inputs: RegExp;
  /** A second name like this is the output of the first. */
  readonly outputs: RegExp;
  /** Extension of outputs, with its dot. */
  readonly output: string;
}

/**
 * Plans the jobs of a command that writes files.
 * @throws UsageError when names do not fit together or two jobs are in each other's way; nothing has been written.
 */
export async function planJobs(names: readonly string[], options: JobNames, extensions: Extensions): Promise<Job[]> {
  const { inputs, output, isFile } = splitNames(names, options.output, extensions);
  if (output === undefined && inputs.length === 2) await assertInput(inputs[1]!, extensions);
  const files = await listInputs(inputs, { ...options, pattern: extensions.inputs });
  const isMany = inputs.length > 1 || files[0]!.fromFolder;
  const folder = output !== undefined && !isFile && (await isFolder(output, isMany)) ? output : undefined;
  const outputOf = ({ path, relative }: InputFile) =>
    folder === undefined
      ? (output ?? defaultOutput(path, extensions.output))
      : join(folder, defaultOutput(relative, extensions.output));
  if (folder !== undefined && inputs[0] === STANDARD_STREAM) {
    throw new UsageError('standard input has no name; give the output as a file');
  }
  const makeFolder = folder !== undefined;
  return distinct(files.map((file) => ({ input: file.path, output: outputOf(file), bytes: file.bytes, makeFolder })));
}

/** Plans the jobs of a command that writes nothing. */
export async function planReading(names: readonly string[], options: JobNames, inputs: RegExp): Promise<Job[]> {
  const files = await listInputs(names, { ...options, pattern: inputs });
  return files.map(({ path, bytes }) => ({ input: path, output: '', bytes, makeFolder: false }));
}

function splitNames(names: readonly string[], output: string | undefined, { outputs }: Extensions) {
  const second = names[1];
  const isOutput = (name: string) => name === STANDARD_STREAM || outputs.test(name);
  if (output === undefined && names.length === 2 && isOutput(second!)) {
    return { inputs: names.slice(0, 1), output: second, isFile: true };
  }
  const misplaced = names.slice(1).find(isOutput);
  if (misplaced !== undefined) {
    throw new UsageError(`${misplaced} looks like an output, which can follow a single input only; use --output`);
  }
  return { inputs: names, output, isFile: false };
}

/** A second name that is no file, and none that could be an input, was meant as an output. */
async function assertInput(name: string, { inputs, output }: Extensions): Promise<void> {
  if (inputs.test(name) || (await kindOf(name)) !== 'none') return;
  throw new UsageError(
    `${name}: no such input; a second name is an output if it ends in ${extname(output)}, or use --output`,
  );
}

/** Many outputs need a folder; for one file, --output is a folder if it is one or ends with a slash. */
async function isFolder(output: string, isMany: boolean): Promise<boolean> {
  const kind = output === STANDARD_STREAM ? 'stream' : await kindOf(output);
  if (isMany && kind !== 'none' && kind !== 'folder') {
    throw new UsageError(`--output must be a folder for many files, and ${output} is none`);
  }
  return isMany || kind === 'folder' || (kind === 'none' && /[\\/]$/.test(output));
}

/** Jobs without those that are given twice. @throws UsageError naming both files of a collision. */
async function distinct(jobs: readonly Job[]): Promise<Job[]> {
  const inputs = new Map<string, string>();
  for (const { input } of jobs) inputs.set(await placeOf(input), input);
  const byOutput = new Map<string, Job>();
  for (const job of jobs.filter(({ output }) => output !== STANDARD_STREAM)) {
    const place = await placeOf(job.output);
    const [source, other] = [inputs.get(place), byOutput.get(place)];
    if (source !== undefined) await failReplaced(job, source);
    if (other === undefined) byOutput.set(place, job);
    else if ((await placeOf(other.input)) !== (await placeOf(job.input))) await failShared(job, other);
  }
  const kept = new Set(byOutput.values());
  return jobs.filter((job) => job.output === STANDARD_STREAM || kept.has(job));
}

const failReplaced = ({ input, output }: Job, source: string): Promise<never> =>
  about(output, () => {
    const reason =
      source === input
        ? 'output and input are the same file'
        : `would be the output of ${input}, and is the input ${source}`;
    throw new UsageError(`${reason}; name another output`);
  });

const failShared = (job: Job, other: Job): Promise<never> =>
  about(job.output, () => {
    throw new UsageError(`would be the output of both ${inputName(other.input)} and ${inputName(job.input)}`);
  });
