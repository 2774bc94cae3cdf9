/** The real program, as `npm run build` made it. */
import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readImage } from '../../src/image/read-image.ts';
import { bytesOf, fixture, TINY_MODEL, temporaryFile, temporaryFolder } from './run-main.ts';
import { ended, runProgram, start } from './run-program.ts';

const TINY = ['--model', TINY_MODEL];

it('compresses a file and restores it over pipes', async () => {
  const folder = temporaryFolder();
  const [input, output] = [fixture('disc-rgba8-40x33.png'), join(folder, 'a.vdmz')];
  expect(await runProgram(['compress', input, output, ...TINY])).toMatchObject({ code: 0, stderr: '' });
  const restored = await runProgram(['decompress', '-', '-', '--quiet', ...TINY], {}, bytesOf(output));
  expect(restored).toMatchObject({ code: 0, stderr: '' });
  expect(await readImage(restored.stdout)).toEqual(await readImage(bytesOf(input)));
});

it('ends with 3 and one line for a file that is not ours', async () => {
  const input = temporaryFile('text.vdmz', 'hello');
  const result = await runProgram(['decompress', input, ...TINY]);
  expect(result.code).toBe(3);
  expect(result.stderr).toMatch(/^vdmz: [^\n]*text\.vdmz: not-our-format: [^\n]+\n$/);
});

it('shares files out to helper processes, and goes on after one that fails', async () => {
  const folder = temporaryFolder();
  for (const name of ['a', 'b', 'c']) copyFileSync(fixture('flat-rgba8-7x7.png'), join(folder, `${name}.png`));
  writeFileSync(join(folder, 'd.png'), 'text');
  const result = await runProgram(['compress', '-r', folder, '-j', '2', '--rm', '--json', ...TINY]);
  expect(result.stderr).toMatch(/^vdmz: [^\n]*d\.png: unsupported-image: [^\n]+\n$/);
  expect(result.code).toBe(3);
  const lines = Buffer.from(result.stdout).toString().trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  expect(JSON.parse(lines[4]!).total).toMatchObject({ files: 3, failed: 1 });
  expect(readdirSync(folder).sort()).toEqual(['a.vdmz', 'b.vdmz', 'c.vdmz', 'd.png']);
});

it('ends its helper processes when it is ended, and leaves nothing unfinished', async () => {
  const folder = temporaryFolder();
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    copyFileSync(fixture('photo-rgb8-256x192.png'), join(folder, `${name}.png`));
  copyFileSync(fixture('flat-rgba8-7x7.png'), join(folder, '0.png'));
  const child = start(['compress', '-r', folder, '-j', '2', ...TINY]);
  child.stdout.once('data', () => child.kill('SIGTERM')); // one image is done, most likely the small one
  const result = await ended(child);
  expect(result.stderr).toMatch(/^vdmz: ([^\n]+: )?interrupted: ended by SIGTERM\n$/);
  expect(result.code).toBe(143);
  expect(readdirSync(folder).filter((name) => !/^[0a-e]\.(png|vdmz)$/.test(name))).toEqual([]);
  expect(existsSync(join(folder, 'e.vdmz'))).toBe(false);
});

/** Says when the program begins to listen for signals. */
const ANNOUNCE = `process.on('newListener', (name) => name === 'SIGTERM' && process.stderr.write('ready\\n'))`;

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ends by %s with %d and leaves nothing', async (signal, code) => {
  const folder = temporaryFolder();
  const child = start(['compress', '-', join(folder, 'a.vdmz'), ...TINY], {
    nodeOptions: ['--import', `data:text/javascript,${encodeURIComponent(ANNOUNCE)}`],
  });
  child.stderr.once('data', () => child.kill(signal)); // while it waits for standard input
  const result = await ended(child);
  expect(result.stderr).toBe(`ready\nvdmz: standard input: interrupted: ended by ${signal}\n`);
  expect(result.code).toBe(code);
  expect(readdirSync(folder)).toEqual([]);
});
