/** vdmz list: the images of an archive. */
import type { Command } from 'commander';
import { type ArchiveEntry, listArchive } from '../list-archive.ts';
import { withArchive } from './archive-file.ts';
import { addQuietOptions, type QuietOptions } from './arguments.ts';
import { about, SubjectError } from './exit-codes.ts';
import { FaultPrinter } from './fault-printer.ts';
import type { Io } from './io.ts';
import { bytesText, imagesText, kindName, report, sizeText } from './report.ts';

interface ListArguments extends QuietOptions {
  readonly debug?: boolean;
}

export function addListCommand(program: Command, io: Io): Command {
  const command = program
    .command('list')
    .description('list the images of an archive')
    .argument('<archive>', 'a file that pack made, or - for standard input');
  return addQuietOptions(command).action((path: string, options: ListArguments) => listImages(path, options, io));
}

async function listImages(path: string, options: ListArguments, io: Io): Promise<void> {
  const faults = new FaultPrinter(io, options.debug);
  let count = 0;
  await about(path, () =>
    withArchive(path, io, async (source) => {
      const onDamage = ({ error }: { error: Error }) => faults.print(new SubjectError(path, error));
      for await (const entry of listArchive(source, { onDamage })) {
        io.signal.throwIfAborted();
        count++;
        await report(io.stdout, options, describe(entry));
      }
    }),
  );
  if (!options.json) await report(io.stdout, options, { data: {}, line: imagesText(count) });
  faults.end();
}

function describe({ name, geometry, bytes }: ArchiveEntry) {
  const size =
    geometry === undefined
      ? 'damaged'
      : `${sizeText(geometry)}, ${kindName(geometry)}${geometry.bitDepth === 16 ? ' of 16 bits' : ''}`;
  const coded = bytes === undefined ? 'on a shared stack' : bytesText(bytes);
  return {
    data: { name, ...(geometry ?? { damaged: true }), bytes: bytes ?? null },
    line: `${name}: ${size}, ${coded}`,
  };
}
