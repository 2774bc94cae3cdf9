/** Many files and folders in one run: which are taken, where outputs go, what is printed and what it ends with. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { InterruptError, worstExitCode } from '../../src/cli/exit-codes.ts';
import { readImage } from '../../src/image/read-image.ts';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFolder } from './run-main.ts';

const TINY = ['--model', TINY_MODEL, '--effort', '1'];
const MODEL = ['--model', TINY_MODEL];
const SMALL = fixture('gradient-gray8-1x9.png');
const PHOTO = fixture('smooth-rgb8-32x32.png');

/** A new folder with copies of a small image, or with text where a name ends in ! */
function folderOf(...names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) {
    const path = join(folder, name.replace('!', ''));
    mkdirSync(dirname(path), { recursive: true });
    if (name.endsWith('!')) writeFileSync(path, 'text');
    else copyFileSync(SMALL, path);
  }
  return folder;
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

const jsonLines = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

it('takes the images of a tree in the order of their names, and restores the tree elsewhere', async () => {
  const folder = folderOf('b.png', 'a.PNG', 'sub/c.png', '.hidden.png', '.git/d.png', 'notes.txt!');
  symlinkSync(join(folder, 'a.PNG'), join(folder, 'link.png'));
  const [packed, restored] = [join(folder, 'packed'), join(folder, 'restored')];
  const compressed = await run(['compress', '-r', folder, '-o', packed, ...TINY]);
  expect(compressed).toMatchObject({ code: 0, stderr: '' });
  expect(filesIn(packed)).toEqual(['a.vdmz', 'b.vdmz', 'sub/c.vdmz']);
  const lines = compressed.stdout.trimEnd().split('\n');
  expect(lines.slice(0, 3).map((line) => /(\S+) -> /.exec(line)?.[1]?.slice(folder.length + 1))).toEqual([
    'a.PNG',
    'b.png',
    'sub/c.png',
  ]);
  expect(lines[3]).toMatch(/^3 files: [\d,]+ bytes -> [\d,]+ bytes \([\d.]+ %\), [\d.]+ s, [\d.e-]+ megapixels\/s$/);
  expect(await run(['decompress', '-rq', packed, '-o', restored, ...MODEL])).toMatchObject({ code: 0, stdout: '' });
  expect(filesIn(restored)).toEqual(['a.png', 'b.png', 'sub/c.png']);
  expect(await readImage(bytesOf(join(restored, 'sub/c.png')))).toEqual(await readImage(bytesOf(SMALL)));
});

it('writes beside each input without --output', async () => {
  const folder = folderOf('a.png', 'sub/b.png');
  expect(await run(['compress', join(folder, 'a.png'), '-r', join(folder, 'sub'), ...TINY])).toMatchObject({ code: 0 });
  expect(filesIn(folder)).toEqual(['a.png', 'a.vdmz', 'sub/b.png', 'sub/b.vdmz']);
});

/** Where the output of a.png goes, in a folder that holds the folder "made". */
const PLACES: [string, string[], string][] = [
  ['beside it', [], 'a.vdmz'],
  ['to a second name', ['@x.vdmz'], 'x.vdmz'],
  ['to --output', ['-o', '@y'], 'y'],
  ['into a folder that exists', ['-o', '@made'], 'made/a.vdmz'],
  ['into a folder with a slash', ['-o', '@new/deep/'], 'new/deep/a.vdmz'],
];

it.each(PLACES)('writes %s', async (_where, words, place) => {
  const folder = folderOf('a.png');
  mkdirSync(join(folder, 'made'));
  const argv = words.map((word) => word.replace('@', `${folder}/`));
  expect(await run(['compress', join(folder, 'a.png'), ...argv, ...TINY])).toMatchObject({ code: 0, stderr: '' });
  expect(filesIn(folder)).toEqual(['a.png', place].sort());
});

/** Refused before anything is written; @ is the folder. */
const REFUSED: [string, string[], RegExp][] = [
  ['a folder without --recursive', ['compress', '@sub'], /sub: usage: is a folder; use --recursive/],
  ['a folder without --recursive to info', ['info', '@sub'], /sub: usage: is a folder; use --recursive/],
  ['a folder without files to take', ['verify', '-r', '@sub'], /usage: no files to take in \S+sub$/],
  ['inputs with one output', ['compress', '@a.png', '@a.jpg'], /a\.vdmz: usage: [^\n]+a\.png and [^\n]+a\.jpg$/],
  ['one output in a folder', ['compress', '@a.png', '@sub/a.png', '-o', '@out'], /out\/a\.vdmz: usage: would be/],
  ['an output that is an input', ['compress', '@a.png', '@b.png', '-o', '@b.png'], /must be a folder/],
  ['an output that is its input', ['compress', '@a.png', '-o', '@a.png', '-f'], /usage: output and input are the same/],
  ['an output among the inputs', ['compress', '@a.png', '@b.png', '@c.vdmz'], /c\.vdmz looks like an output/],
  ['an output with another extension', ['compress', '@a.png', '@out.bin'], /out\.bin: no such input; a second name/],
  ['a file as folder', ['compress', '-r', '@sub', '-o', '@b.png'], /usage: --output must be a folder/],
  ['standard output for many', ['compress', '@a.png', '@b.png', '-o', '-'], /usage: --output must be a folder/],
  ['standard input among others', ['compress', '@a.png', '-', '@b.png'], /usage: - looks like an output/],
  ['standard input into a folder', ['compress', '-', '-o', '@out/'], /usage: standard input has no name/],
  ['--rm without the check', ['compress', '--rm', '--no-verify', '@a.png'], /usage: --rm needs the check/],
  ['--rm into standard output', ['compress', '--rm', '@a.png', '-'], /standard output: usage: .*would lose the source/],
  ['--rm into a device', ['compress', '--rm', '@a.png', '-o', '/dev/null'], /null: usage: .*would lose the source/],
  ['--rm of standard input', ['compress', '--rm', '-', '@x.vdmz'], /standard input: usage:/],
  ['--rm and --keep', ['compress', '--rm', '--keep', '@a.png'], /usage: /],
  ['no jobs', ['compress', '-j', '0', '@a.png'], /usage: /],
];

it.each(REFUSED)('refuses %s', async (_what, words, message) => {
  const folder = folderOf('a.png', 'a.jpg', 'b.png', 'sub/a.png');
  const before = filesIn(folder);
  const result = await run(words.map((word) => word.replace('@', `${folder}/`)));
  expect(result.stderr).toMatch(/^vdmz: [^\n]+\n$/);
  expect(result.stderr.trimEnd()).toMatch(message);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(filesIn(folder)).toEqual(before);
});

it('names an input that another file would replace', async () => {
  const folder = folderOf('x.vdmz');
  const decompress = ['decompress', join(folder, 'x.vdmz'), join(folder, 'y.vdmz'), '-o', folder, '-f', ...MODEL];
  symlinkSync(join(folder, 'y.vdmz'), join(folder, 'x.png'));
  writeFileSync(join(folder, 'y.vdmz'), 'text');
  const result = await run(decompress);
  expect(result.stderr).toMatch(/x\.png: usage: would be the output of \S+x\.vdmz, and is the input \S+y\.vdmz; .+\n$/);
});

it('goes on after a file that fails, and ends with the worst code', async () => {
  const folder = folderOf('a.png', 'b.png!', 'c.png', 'd.png');
  writeFileSync(join(folder, 'd.vdmz'), 'precious');
  const result = await run(['compress', '-r', folder, ...TINY, '--json']);
  expect(result.stderr).toMatch(/^vdmz: \S+b\.png: unsupported-image: [^\n]+\nvdmz: \S+d\.vdmz: EEXIST: [^\n]+\n$/);
  expect(result.code).toBe(4);
  const [a, b, c, d, total] = jsonLines(result.stdout);
  expect([a, c]).toMatchObject([{ verified: true }, { verified: true }]);
  expect(b).toEqual({
    input: join(folder, 'b.png'),
    output: join(folder, 'b.vdmz'),
    error: expect.stringContaining('unsupported-image'),
    exitCode: 3,
  });
  expect(d.exitCode).toBe(4);
  expect(total.total).toMatchObject({ files: 2, failed: 2, inputBytes: 2 * bytesOf(SMALL).length });
  expect(Buffer.from(bytesOf(join(folder, 'd.vdmz'))).toString()).toBe('precious');
});

it.each([
  [[], 0],
  [[0, 2, 0], 2],
  [[3, 4, 2], 4],
  [[4, 1, 3], 1],
  [[1, 130, 4], 130],
])('ends with the worst of %j, %d', (codes, worst) => {
  expect(worstExitCode(codes)).toBe(worst);
});

it('takes a file that is named twice once', async () => {
  const folder = folderOf('a.png');
  const result = await run(['compress', '-r', folder, join(folder, 'a.png'), ...TINY]);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(result.stdout.split('\n')).toHaveLength(2);
});

it('gives outputs the times and permissions of their sources', async () => {
  const folder = folderOf('a.png');
  const input = join(folder, 'a.png');
  chmodSync(input, 0o640);
  utimesSync(input, 1e9, 1e9);
  await run(['compress', input, ...TINY]);
  const { mtimeMs, mode } = statSync(join(folder, 'a.vdmz'));
  expect([mtimeMs, mode & 0o777]).toEqual([1e12, 0o640]);
});

it('keeps times to the microsecond', async () => {
  const folder = folderOf('a.png');
  const input = join(folder, 'a.png');
  utimesSync(input, 1e9, 1_577_934_245.678_000_5);
  await run(['compress', input, ...TINY]);
  const [source, output] = [input, join(folder, 'a.vdmz')].map((path) => statSync(path, { bigint: true }).mtimeNs);
  expect([source, output]).toEqual([1_577_934_245_678_000_000n, 1_577_934_245_678_000_000n]);
});

it('leaves out what is up to date with --update, and replaces what is not', async () => {
  const folder = folderOf('a.png', 'b.png', 'c.png');
  await run(['compress', join(folder, 'a.png'), join(folder, 'b.png'), ...TINY]);
  utimesSync(join(folder, 'b.vdmz'), 1e9, 1e9);
  const result = await run(['compress', '-r', '--update', folder, '-v', ...TINY]);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  const [a, b, c, total] = result.stdout.split('\n');
  expect(a).toMatch(/a\.vdmz: up to date$/);
  expect(
    [b, c].every((line) =>
      /s, restores [a-z ]+, (diffusion, model tiny|samples|PNG), [\d.e-]+ megapixels\/s$/.test(line!),
    ),
  ).toBe(true);
  expect(total).toMatch(/^2 files: .*, 1 up to date$/);
});

it('removes sources with --rm, but none whose output failed', async () => {
  const folder = folderOf('a.png', 'b.png', 'c.png!');
  writeFileSync(join(folder, 'b.vdmz'), 'precious');
  expect(await run(['compress', '-rq', '--rm', folder, ...TINY])).toMatchObject({ code: 4, stdout: '' });
  expect(filesIn(folder)).toEqual(['a.vdmz', 'b.png', 'b.vdmz', 'c.png']);
  expect(await run(['decompress', '--rm', join(folder, 'a.vdmz'), ...MODEL])).toMatchObject({ code: 0, stderr: '' });
  expect(filesIn(folder)).toEqual(['a.png', 'b.png', 'b.vdmz', 'c.png']);
});

it('keeps a source that changed while it was read', async () => {
  const folder = folderOf();
  const input = join(folder, 'a.png');
  copyFileSync(PHOTO, input);
  const onStderr = () => utimesSync(input, 1e9, 1e9);
  const result = await run(['compress', '--rm', input, ...TINY], { isTTY: true, onStderr });
  expect(result.stderr).toMatch(/a\.png: EBUSY: changed while it was read, and was kept\n$/);
  expect(result.code).toBe(4);
  expect(filesIn(folder)).toEqual(['a.png', 'a.vdmz']);
});

it('replaces no output that appears while --update works', async () => {
  const folder = folderOf();
  copyFileSync(PHOTO, join(folder, 'a.png'));
  const onStderr = () => writeFileSync(join(folder, 'a.vdmz'), 'precious');
  const result = await run(['compress', '--update', join(folder, 'a.png'), ...TINY], { isTTY: true, onStderr });
  expect(result).toMatchObject({ code: 4, stdout: '' });
  expect(Buffer.from(bytesOf(join(folder, 'a.vdmz'))).toString()).toBe('precious');
});

it.each(['verify', 'test', '-t'])('%s decodes each file and writes nothing', async (command) => {
  const folder = folderOf('a.png', 'b.png', 'c.vdmz!');
  await run(['compress', join(folder, 'a.png'), join(folder, 'b.png'), ...TINY]);
  const bytes = bytesOf(join(folder, 'b.vdmz'));
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(join(folder, 'b.vdmz'), bytes);
  const before = filesIn(folder);
  const result = await run([command, '-r', folder, ...MODEL]);
  expect(result.stdout).toMatch(/^\S+a\.vdmz: ok, 9 x 1, [^\n]+\n1 file: [^\n]+, 2 failed\n$|^\S+a\.vdmz: ok, 1 x 9/);
  expect(result.stderr).toMatch(/^vdmz: \S+b\.vdmz: (corrupt|truncated): .+\nvdmz: \S+c\.vdmz: not-our-format: .+\n$/);
  expect(result.code).toBe(3);
  const [a, b] = jsonLines((await run([command, '-r', folder, ...MODEL, '--json'])).stdout);
  expect(a).toMatchObject({ input: join(folder, 'a.vdmz'), ok: true });
  expect(b).toEqual({ input: join(folder, 'b.vdmz'), error: expect.any(String), exitCode: 3 });
  const sound = await run([command, '-q', join(folder, 'a.vdmz'), ...MODEL]);
  expect(sound).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(filesIn(folder)).toEqual(before);
});

it('info describes many files, a block or a JSON line each', async () => {
  const folder = folderOf('a.png', 'b.png');
  await run(['compress', '-rq', folder, ...TINY]);
  const { stdout } = await run(['info', '-r', folder]);
  expect(stdout.split('\n\n').map((block) => /^file +(\S+),/.exec(block)?.[1])).toEqual([
    join(folder, 'a.vdmz'),
    join(folder, 'b.vdmz'),
  ]);
  expect(jsonLines((await run(['info', '-r', folder, '--json'])).stdout)).toHaveLength(2);
});

it('draws one bar for many files, and takes it away for each line', async () => {
  const folder = folderOf('a.png', 'b.png');
  const result = await run(['compress', '-r', folder, ...TINY], { isTTY: true });
  expect(result.stderr).toContain('compressing 2 files');
  expect(result.stdout.split('\n')).toHaveLength(4);
});

it('stops at once when it is interrupted, and keeps what is whole', async () => {
  const folder = folderOf('a.png');
  for (const name of ['b.png', 'c.png']) copyFileSync(fixture('photo-rgb8-256x192.png'), join(folder, name));
  const abort = new AbortController();
  const onStderr = () => existsSync(join(folder, 'a.vdmz')) && abort.abort(new InterruptError('SIGINT'));
  const result = await run(['compress', '-r', folder, ...TINY], { isTTY: true, signal: abort.signal, onStderr });
  expect(result.code).toBe(130);
  expect(result.stderr).toMatch(/interrupted: ended by SIGINT\n$/);
  expect(filesIn(folder)).toEqual(['a.png', 'a.vdmz', 'b.png', 'c.png']);
});

it.each(['compress', 'decompress', 'verify', 'info', 'eval', 'train', 'export'])(
  '%s --help has examples',
  async (name) => {
    const { stdout } = await run([name, '--help']);
    expect(stdout).toContain(`\nExamples:\n  vdmz ${name} `);
  },
);
