import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { InterruptError } from '../../src/cli/exit-codes.ts';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFile, temporaryFolder } from './run-main.ts';

const TINY = ['--model', TINY_MODEL];
const PNG = fixture('smooth-rgb8-32x32.png');

/** One line: program, subject, code, message. */
const line = (subject: string, code: string) => new RegExp(`^vdmz: [^\\n]*${subject}: ${code}: [^\\n]+\\n$`);

const coded = async (): Promise<Uint8Array> =>
  (await run(['compress', PNG, '-', ...TINY, '--method', 'diffusion'])).stdoutBytes;
const sound = await coded();

function flipped(byte: number, bit = 0): Uint8Array {
  const bytes = Uint8Array.from(sound);
  bytes[byte]! ^= 1 << bit;
  return bytes;
}

const BAD_FILES: [string, string, Uint8Array][] = [
  ['an empty file', 'not-our-format', new Uint8Array(0)],
  ['a PNG', 'not-our-format', bytesOf(PNG)],
  ['a text', 'not-our-format', new TextEncoder().encode('vdm, but not quite')],
  ['a file cut in its magic', 'truncated', sound.subarray(0, 3)],
  ['a file cut in its header', 'truncated', sound.subarray(0, 12)],
  ['a file cut after its header', 'truncated|corrupt', sound.subarray(0, 17)],
  ['a file cut in its middle', 'truncated|corrupt', sound.subarray(0, sound.length >> 1)],
  ['a file without its last byte', 'truncated|corrupt', sound.subarray(0, -1)],
  ['a file with a byte more', 'truncated|corrupt', Uint8Array.of(...sound, 7)],
  ['a newer version', 'unsupported-version', flipped(4, 3)],
  ['an older version', 'unsupported-version', flipped(4, 1)],
  ['an unknown kind', 'corrupt', flipped(5, 6)],
  ['another model', 'unknown-model', flipped(9)],
  ['a flipped checksum', 'corrupt', flipped(14)],
  ['a flip in the middle', 'truncated|corrupt', flipped(sound.length >> 1, 3)],
  ['a flip in the last byte', 'truncated|corrupt', flipped(sound.length - 1)],
];

it.each(BAD_FILES)('refuses %s as %s, and writes nothing', async (_what, code, bytes) => {
  const input = temporaryFile('bad.vdmz', bytes);
  const result = await run(['decompress', input, ...TINY]);
  expect(result.stderr).toMatch(line('bad\\.vdmz', `(${code})`));
  expect(result).toMatchObject({ code: 3, stdout: '' });
  expect(readdirSync(dirname(input))).toEqual(['bad.vdmz']);
});

const BAD_IMAGES: [string, string, Uint8Array][] = [
  ['an empty file', 'unsupported-image', new Uint8Array(0)],
  ['a text', 'unsupported-image', new TextEncoder().encode('no image')],
  ['a truncated PNG', 'truncated', bytesOf(PNG).subarray(0, 100)],
  ['a compressed file', 'unsupported-image', sound],
];

it.each(BAD_IMAGES)('does not compress %s: %s', async (_what, code, bytes) => {
  const input = temporaryFile('bad.png', bytes);
  const result = await run(['compress', input, ...TINY]);
  expect(result.stderr).toMatch(line('bad\\.png', code));
  expect(result).toMatchObject({ code: 3, stdout: '' });
  expect(readdirSync(dirname(input))).toEqual(['bad.png']);
});

it('names standard input in errors', async () => {
  const result = await run(['decompress', '-'], { stdin: sound.subarray(0, 3) });
  expect(result.stderr).toMatch(line('standard input', 'truncated'));
  expect(result.code).toBe(3);
});

const USAGE: [string, string[]][] = [
  ['an unknown command', ['squash', PNG]],
  ['no input', ['compress']],
  ['too many names', ['compress', 'a.png', 'b.vdmz', 'c']],
  ['an unknown option', ['compress', PNG, '--fast']],
  ['an option that only goes before files', ['decompress', '-t', PNG]],
  ['a step count that no model has', ['compress', PNG, '--steps', '3']],
  ['no bands', ['compress', PNG, '--bands', '0']],
  ['more bands than there can be', ['compress', PNG, '--bands', '257']],
  ['a scale that there is not', ['compress', PNG, '--preview', '1/3']],
  ['an effort beyond the last', ['compress', PNG, '--effort', '5']],
  ['effort and steps', ['compress', PNG, '--effort', '3', '--steps', '8']],
  ['steps and effort to eval', ['eval', PNG, '--steps', '8', '--effort', '3']],
  ['an unknown engine', ['compress', PNG, '--engine', 'abacus']],
  ['no thread', ['compress', PNG, '--threads', '0']],
  ['too many threads', ['decompress', PNG, '--threads', '65']],
  ['an option without its value', ['compress', PNG, '--model']],
  ['steps to decompress', ['decompress', 'a.vdmz', '--steps', '8']],
  ['a limit of 0', ['eval', PNG, '--limit', '0']],
  ['a model that is not installed', ['compress', PNG, '-o', '/dev/null', '--model', 'no-such-model']],
  ['an output of another format', ['decompress', 'a.vdmz', 'b.webp']],
  ['train without its config', ['train', '--data', 'x', '--out', 'y']],
];

it.each(USAGE)('ends with 2 for %s', async (_what, argv) => {
  const result = await run(argv);
  expect(result.stderr).toMatch(/^vdmz: [^\n]+\n$/);
  expect(result).toMatchObject({ code: 2, stdout: '' });
});

it('does not write binary data to a terminal', async () => {
  const result = await run(['compress', PNG, '-', ...TINY], { isTTY: true });
  expect(result.stderr).toMatch(line('standard output', 'usage'));
  expect(result).toMatchObject({ code: 2, stdout: '' });
});

const FILE_SYSTEM: [string, string, (folder: string) => string[]][] = [
  ['a missing input', 'ENOENT', (folder) => ['compress', join(folder, 'no.png')]],
  ['an output in a missing folder', 'ENOENT', (folder) => ['compress', PNG, join(folder, 'no', 'a.vdmz')]],
  ['a folder as output', 'EISDIR', (folder) => ['compress', PNG, `${folder}/taken.vdmz`, '--force']],
  [
    'a missing model folder',
    'ENOENT',
    (folder) => ['compress', PNG, '-o', join(folder, 'a'), '--model', join(folder, 'm')],
  ],
];

it.each(FILE_SYSTEM)('ends with 4 for %s', async (_what, code, argv) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'taken.vdmz'));
  const result = await run(argv(folder));
  expect(result.stderr).toMatch(line('', code));
  expect(result).toMatchObject({ code: 4, stdout: '' });
  expect(readdirSync(folder)).toEqual(['taken.vdmz']);
});

it.each(['compress', 'decompress'])('%s keeps an existing output without --force', async (command) => {
  const input = command === 'compress' ? PNG : temporaryFile('in.vdmz', sound);
  const output = temporaryFile('kept.png', 'precious');
  const result = await run([command, input, '-o', output, ...TINY]);
  expect(result.stderr).toMatch(line('kept\\.png', 'EEXIST'));
  expect(result).toMatchObject({ code: 4, stdout: '' });
  expect(Buffer.from(bytesOf(output)).toString()).toBe('precious');
  expect(await run([command, input, '-o', output, ...TINY, '--force'])).toMatchObject({ code: 0, stderr: '' });
  expect(bytesOf(output).length).toBeGreaterThan(100);
  expect(readdirSync(dirname(output))).toEqual(['kept.png']);
});

it('never replaces an output that appears while it works', async () => {
  const output = join(temporaryFolder(), 'late.vdmz');
  let made = false;
  const onStderr = () => {
    if (!made) writeFileSync(output, 'precious');
    made = true;
  };
  const result = await run(['compress', PNG, output, ...TINY], { isTTY: true, onStderr });
  expect(result.code).toBe(4);
  expect(result.stderr).toContain('EEXIST');
  expect(Buffer.from(bytesOf(output)).toString()).toBe('precious');
  expect(readdirSync(dirname(output))).toEqual(['late.vdmz']);
});

it('never replaces its input', async () => {
  const input = temporaryFile('same.png', bytesOf(PNG));
  const alias = join(dirname(input), 'alias.png');
  symlinkSync(input, alias);
  const result = await run(['compress', input, '-o', alias, ...TINY, '--force']);
  expect(result.stderr).toMatch(line('alias\\.png', 'usage'));
  expect(bytesOf(input)).toEqual(bytesOf(PNG));
});

it('writes through a symbolic link with --force and keeps the link', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'real'));
  const target = join(folder, 'real', 'a.vdmz');
  writeFileSync(target, 'old');
  symlinkSync(target, join(folder, 'link.vdmz'));
  expect(
    await run(['compress', PNG, join(folder, 'link.vdmz'), ...TINY, '--method', 'diffusion', '--force']),
  ).toMatchObject({ code: 0 });
  expect(bytesOf(target)).toEqual(sound);
});

it('leaves nothing behind when it is interrupted', async () => {
  const folder = temporaryFolder();
  const abort = new AbortController();
  const onStderr = () => abort.abort(new InterruptError('SIGINT'));
  const argv = ['compress', fixture('photo-rgb8-256x192.png'), join(folder, 'a.vdmz'), ...TINY];
  const result = await run(argv, { isTTY: true, signal: abort.signal, onStderr });
  expect(result.code).toBe(130);
  expect(result.stderr).toContain('interrupted: ended by SIGINT');
  expect(readdirSync(folder)).toEqual([]);
});

it('shows a stack trace with --debug only', async () => {
  const argv = ['info', temporaryFile('bad.vdmz', 'x')];
  expect((await run(argv)).stderr.split('\n')).toHaveLength(2);
  expect((await run([...argv, '--debug'])).stderr).toMatch(/\n\s+at /);
});

it.each([['--help'], ['--version'], ['compress', '--help']])('%s ends with 0', async (...argv) => {
  const result = await run(argv);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(result.stdout).not.toBe('');
});
