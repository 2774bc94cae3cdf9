/** File systems that refuse, and files that are none: one line, exit code 4, and no partial output. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { decompress } from '../../src/decompress.ts';
import { decodePng } from '../../src/image/png.ts';
import { tinyModel } from '../helpers/fixtures.ts';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFolder } from './run-main.ts';
import { runShell } from './run-program.ts';

const TINY = ['--model', TINY_MODEL];
const PNG = fixture('smooth-rgb8-32x32.png');
const OPTIONS = `--model ${TINY_MODEL} --effort 1 --quiet`;
const COMPRESS = `vdmz compress ${OPTIONS}`;

const line = (code: string) => new RegExp(`^vdmz: ([^\\n]+: )?(${code}): [^\\n]+\\n$`);

/** The output of PNG is whole. */
async function checkOutput(bytes: Uint8Array): Promise<void> {
  expect(await decompress(bytes, { model: tinyModel })).toEqual(decodePng(bytesOf(PNG)));
}

/** Whether the command works. */
function tryTo(command: string, ...argv: string[]): boolean {
  try {
    execFileSync(command, argv, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(process.platform === 'win32')('a disk that is full', () => {
  it.skipIf(!existsSync('/dev/full')).each([
    ['a device', `${COMPRESS} ${PNG} -o /dev/full`],
    ['standard output', `${COMPRESS} ${PNG} - > /dev/full`],
    ['standard output of info', 'vdmz info fixtures/golden/v6-tiny-flat-rgb8-32x32.vdmz > /dev/full'],
  ])('as %s', async (_what, command) => {
    const result = await runShell(command);
    expect(result.stderr).toMatch(line('ENOSPC'));
    expect(result.code).toBe(4);
  });

  it('as a limit on the size of files, keeps what there was', async () => {
    const folder = temporaryFolder();
    const output = join(folder, 'old.vdmz');
    writeFileSync(output, 'old');
    const photo = join(folder, 'photo.png');
    copyFileSync(PNG, photo);
    const result = await runShell(`ulimit -f 1; ${COMPRESS} ${photo} --force --rm -o ${output}`);
    expect(result.stderr).toMatch(line('EFBIG'));
    expect(result.code).toBe(4);
    expect(readdirSync(folder).sort()).toEqual(['old.vdmz', 'photo.png']);
    expect(readFileSync(output, 'utf8')).toBe('old');
  });

  it('as a small file system, keeps the sources whose outputs have no room', async ({ skip }) => {
    const disk = temporaryFolder();
    skip(!tryTo('mount', '-t', 'tmpfs', '-o', 'size=12k', 'tmpfs', disk), 'mounting is not permitted');
    onTestFinished(() => void tryTo('umount', disk));
    const folder = temporaryFolder();
    for (const name of ['a', 'b', 'c', 'd']) copyFileSync(PNG, join(folder, `${name}.png`));
    const result = await runShell(`${COMPRESS} -r ${folder} -o ${disk} --rm`);
    expect(result.code).toBe(4);
    expect(result.stderr).toMatch(/^(vdmz: [^\n]+: ENOSPC: [^\n]+\n)+$/);
    const outputs = readdirSync(disk).sort();
    expect(outputs.length).toBeGreaterThan(0);
    expect([...outputs, ...readdirSync(folder)].map((name) => name[0])).toEqual(['a', 'b', 'c', 'd']);
    for (const name of outputs) {
      await checkOutput(bytesOf(join(disk, name)));
    }
  });
});

it('a folder that cannot be written to', async ({ skip }) => {
  const folder = temporaryFolder();
  const isRoot = process.getuid?.() === 0;
  const isClosed = isRoot ? tryTo('chattr', '+i', folder) : tryTo('chmod', 'a-w', folder);
  onTestFinished(() => void (isRoot ? tryTo('chattr', '-i', folder) : tryTo('chmod', 'u+w', folder)));
  skip(!isClosed, 'folders cannot be closed here');
  const result = await run(['compress', PNG, '-o', join(folder, 'a.vdmz'), '--effort', '1', ...TINY]);
  expect(result.stderr).toMatch(line('EPERM|EACCES'));
  expect(result).toMatchObject({ code: 4, stdout: '' });
  expect(readdirSync(folder)).toEqual([]);
});

/** Names that are refused: [what, code, arguments, exit code]. */
const REFUSED: [string, string, (folder: string) => string[], number][] = [
  ['an input that is a link to nothing', 'ENOENT', (folder) => [join(folder, 'nowhere.png')], 4],
  ['an input that is a link to itself', 'ELOOP', (folder) => [join(folder, 'loop.png')], 4],
  ['an input that is a folder', 'usage', (folder) => [join(folder, 'folder.png')], 2],
  ['an input below a file', 'ENOTDIR', (folder) => [join(folder, 'file', 'a.png')], 4],
  ['an output that is a link to nothing', 'EEXIST', (folder) => [PNG, '-o', join(folder, 'nowhere.png')], 4],
  ['an output that is a link to itself', 'ELOOP', (folder) => [PNG, '-o', join(folder, 'loop.png')], 4],
  ['an output below a file', 'ENOTDIR', (folder) => [PNG, '-o', join(folder, 'file', 'a.vdmz')], 4],
  ['a name that is too long', 'ENAMETOOLONG', (folder) => [PNG, '-o', join(folder, 'x'.repeat(256))], 4],
];

describe('refuses', () => {
  it.each(REFUSED)('%s', async (_what, code, names, exitCode) => {
    const folder = temporaryFolder();
    symlinkSync(join(folder, 'nothing'), join(folder, 'nowhere.png'));
    symlinkSync(join(folder, 'loop.png'), join(folder, 'loop.png'));
    mkdirSync(join(folder, 'folder.png'));
    writeFileSync(join(folder, 'file'), 'text');
    const before = readdirSync(folder);
    const result = await run(['compress', ...names(folder), '--effort', '1', ...TINY]);
    expect(result.stderr).toMatch(line(code));
    expect(result).toMatchObject({ code: exitCode, stdout: '' });
    expect(readdirSync(folder)).toEqual(before);
  });
});

it('replaces a link to nothing with --force', async () => {
  const folder = temporaryFolder();
  const output = join(folder, 'link.vdmz');
  symlinkSync(join(folder, 'nothing'), output);
  expect(await run(['compress', PNG, '-o', output, '--force', '--effort', '1', ...TINY])).toMatchObject({ code: 0 });
  await checkOutput(bytesOf(output));
  expect(readdirSync(folder)).toEqual(['link.vdmz']);
});

it('writes names as long as file systems allow, of letters of several bytes too', async () => {
  const folder = temporaryFolder();
  for (const name of [`${'x'.repeat(250)}.vdmz`, `${'日'.repeat(83)}.vdmz`]) {
    const result = await run(['compress', PNG, '-o', join(folder, name), '--effort', '1', ...TINY]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
  }
  expect(readdirSync(folder)).toHaveLength(2);
});

describe.skipIf(process.platform === 'win32')('a pipe with a name', () => {
  it('is read to its end', async () => {
    const folder = temporaryFolder();
    const command = `mkfifo ${folder}/in; cat ${PNG} > ${folder}/in & ${COMPRESS} ${folder}/in -o ${folder}/out.vdmz`;
    expect(await runShell(command)).toMatchObject({ code: 0, stderr: '' });
    await checkOutput(bytesOf(join(folder, 'out.vdmz')));
  });

  it('is written to', async () => {
    const folder = temporaryFolder();
    const command = `mkfifo ${folder}/out; ${COMPRESS} ${PNG} -o ${folder}/out & cat ${folder}/out; wait $!`;
    const result = await runShell(command);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    await checkOutput(result.stdout);
  });

  it('is not removed with --rm', async () => {
    const folder = temporaryFolder();
    const result = await runShell(`mkfifo ${folder}/in; ${COMPRESS} --rm ${folder}/in -o ${folder}/out.vdmz`);
    expect(result.stderr).toMatch(line('usage'));
    expect(result.code).toBe(2);
    expect(readdirSync(folder)).toEqual(['in']);
  });
});
