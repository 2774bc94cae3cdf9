/**
 * SIGKILL at every change of the file system, one process for each: every source is there or its output is whole,
 * existing outputs are old or new, and what is left over is hidden, so that no command takes it for a file.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { decompressPng } from '../../src/decompress-png.ts';
import { isSame } from '../../src/image/png-original.ts';
import { tinyModel } from '../helpers/fixtures.ts';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFolder } from './run-main.ts';
import { ended, runProgram, start } from './run-program.ts';

const TINY = ['--model', TINY_MODEL, '--threads', '1', '--quiet'];
const PNGS = { a: bytesOf(fixture('gradient-gray8-1x9.png')), b: bytesOf(fixture('noise-rgba8-1x1.png')) };
const NAMES = Object.keys(PNGS) as (keyof typeof PNGS)[];
const coded = {} as typeof PNGS;

beforeAll(async () => {
  for (const name of NAMES) {
    const argv = ['compress', '-', '-', '--effort', '1', ...TINY];
    coded[name] = (await run(argv, { stdin: PNGS[name] })).stdoutBytes;
  }
});

const OLD = Buffer.from('an older file');
/** What a killed process may leave: never the name of an input or an output. */
const LEFTOVER = /^\.[ab]\.(png|vdmz)\.[0-9a-f]{12}\.tmp$/;

interface Scene {
  readonly title: string;
  readonly argv: (folder: string) => string[];
  /** Extensions of sources and outputs. */
  readonly from: '.png' | '.vdmz';
  readonly to: '.png' | '.vdmz';
  /** Folder of outputs. */
  readonly out: string;
  readonly hasOld?: boolean;
  readonly names: readonly (keyof typeof PNGS)[];
  /** Changes of a run that nothing ends. */
  readonly changes: number;
}

const SCENES: readonly Scene[] = [
  {
    title: 'compress --rm',
    argv: (folder) => ['compress', '--rm', '--effort', '1', ...NAMES.map((name) => join(folder, `${name}.png`))],
    from: '.png',
    to: '.vdmz',
    out: '.',
    names: NAMES,
    changes: 12,
  },
  {
    title: 'compress --force -o',
    argv: (folder) => ['compress', '-r', folder, '--force', '-o', join(folder, 'out'), '--effort', '1'],
    from: '.png',
    to: '.vdmz',
    out: 'out',
    hasOld: true,
    names: ['a'],
    changes: 6,
  },
  {
    title: 'decompress --rm -o',
    argv: (folder) => ['decompress', '-r', folder, '--rm', '-o', join(folder, 'out')],
    from: '.vdmz',
    to: '.png',
    out: 'out',
    names: ['a'],
    changes: 7,
  },
];

const contentOf = (extension: Scene['from'], name: keyof typeof PNGS) =>
  extension === '.png' ? PNGS[name] : coded[name];

function setScene({ from, to, out, hasOld, names }: Scene): string {
  const folder = temporaryFolder();
  for (const name of names) writeFileSync(join(folder, `${name}${from}`), contentOf(from, name));
  if (!hasOld) return folder;
  mkdirSync(join(folder, out));
  for (const name of names) writeFileSync(join(folder, out, `${name}${to}`), OLD);
  return folder;
}

/** Nothing is lost, and nothing is there in part. */
async function checkScene(folder: string, { from, to, out, hasOld = false, names }: Scene): Promise<void> {
  for (const name of names) {
    const source = join(folder, `${name}${from}`);
    const output = join(folder, out, `${name}${to}`);
    if (existsSync(source)) expect(isSame(bytesOf(source), contentOf(from, name))).toBe(true);
    const isOld = hasOld && isSame(bytesOf(output), OLD);
    if (!existsSync(source)) expect(existsSync(output)).toBe(true);
    if (existsSync(output) && !isOld) expect(isSame(await pngOf(output), PNGS[name])).toBe(true);
  }
  const left = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => parse(path).base);
  const isKnown = (name: string) => name === 'out' || /^[ab]\.(png|vdmz)$/.test(name) || LEFTOVER.test(name);
  expect(left.filter((name) => !isKnown(name))).toEqual([]);
}

async function pngOf(path: string): Promise<Uint8Array> {
  const bytes = bytesOf(path);
  return path.endsWith('.png') ? bytes : decompressPng(bytes, { model: tinyModel });
}

const DYING = ['--import', './test/helpers/die-at.js'];

describe.each(SCENES)('$title', (scene) => {
  it('loses nothing, whichever change of the file system it is killed at', async () => {
    const dieAt = async (change: number) => {
      const folder = setScene(scene);
      const options = { nodeOptions: DYING, env: { DIE_AT: String(change) } };
      const result = await runProgram([...scene.argv(folder), ...TINY], options);
      expect(result).toMatchObject(change < scene.changes ? { signal: 'SIGKILL' } : { code: 0, stderr: '' });
      await checkScene(folder, scene);
    };
    // Two at a time; the last one lives.
    for (let change = 0; change <= scene.changes; change += 2) {
      await Promise.all([change, change + 1].filter((k) => k <= scene.changes).map(dieAt));
    }
  });
});

describe('an archive', () => {
  const isOld = (path: string) => isSame(bytesOf(path), OLD);

  /** Kills a command at each of its changes of the file system in turn, and looks what it left. */
  async function killAtEach(argv: readonly string[], check: () => Promise<void>): Promise<void> {
    for (let change = 0; ; change++) {
      const options = { nodeOptions: DYING, env: { DIE_AT: String(change) } };
      const { signal } = await runProgram([...argv, '--force', ...TINY], options);
      await check();
      if (signal !== 'SIGKILL') return;
      expect(change).toBeLessThan(20);
    }
  }

  it('is the old one or whole, whichever change pack is killed at', async () => {
    const folder = setScene(SCENES[0]!);
    const archive = join(folder, 'set.vdmza');
    writeFileSync(archive, OLD);
    const states = new Set<boolean>();
    await killAtEach(['pack', ...NAMES.map((name) => join(folder, `${name}.png`)), '-o', archive], async () => {
      states.add(isOld(archive));
      if (!isOld(archive)) expect(await run(['unpack', '-t', archive, ...TINY])).toMatchObject({ code: 0 });
    });
    expect(states).toEqual(new Set([true, false]));
  });

  it('gives old or whole files, whichever change unpack is killed at', async () => {
    const [folder, out] = [setScene(SCENES[0]!), temporaryFolder()];
    const archive = join(temporaryFolder(), 'set.vdmza');
    expect((await run(['pack', folder, '-o', archive, ...TINY])).code).toBe(0);
    writeFileSync(join(out, 'a.png'), OLD);
    await killAtEach(['unpack', archive, '-o', out], async () => {
      for (const name of NAMES) {
        const path = join(out, `${name}.png`);
        if (existsSync(path) && !(name === 'a' && isOld(path))) expect(isSame(bytesOf(path), PNGS[name])).toBe(true);
      }
      expect(readdirSync(out).filter((name) => !/^[ab]\.png$/.test(name) && !LEFTOVER.test(name))).toEqual([]);
    });
    expect(readdirSync(out).filter((name) => !LEFTOVER.test(name))).toEqual(['a.png', 'b.png']);
  });
});

it('goes on where it was killed, past what that left', async () => {
  const scene = SCENES[0]!;
  const folder = setScene(scene);
  const options = { nodeOptions: DYING, env: { DIE_AT: '3' } };
  expect(await runProgram([...scene.argv(folder), ...TINY], options)).toMatchObject({ signal: 'SIGKILL' });
  expect(readdirSync(folder).filter((name) => LEFTOVER.test(name))).toHaveLength(1);
  expect(await run(['compress', '-r', folder, '--rm', '-u', '--effort', '1', ...TINY])).toMatchObject({ code: 0 });
  await checkScene(folder, scene);
  expect(readdirSync(folder).filter((name) => !LEFTOVER.test(name))).toEqual(['a.vdmz', 'b.vdmz']);
});

it.each([0, 150, 300, 450])('loses nothing when it and its helper processes are killed after %i ms', async (ms) => {
  const scene = SCENES[0]!;
  const folder = setScene(scene);
  const child = start([...scene.argv(folder), '--jobs', '2', ...TINY]);
  const end = ended(child);
  await sleep(ms);
  child.kill('SIGKILL');
  await end; // helpers keep its standard error open until they have ended too
  await checkScene(folder, scene);
});
