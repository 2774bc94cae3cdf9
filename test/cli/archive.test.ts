import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { sourceOfBytes } from '../../src/archive/archive-source.ts';
import { readImage } from '../../src/image/read-image.ts';
import { listArchive } from '../../src/list-archive.ts';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFile, temporaryFolder } from './run-main.ts';

const TINY = ['--model', TINY_MODEL];
const CODING = [...TINY, '--steps', '2', '--threads', '1'];
const NAMES = ['gradient-rgb8-17x5.png', 'disc-gray-alpha8-25x25.png', 'noise-rgb8-1x1.png'];

/** A folder with images, one of them deeper. */
function imageFolder(): string {
  const folder = join(temporaryFolder(), 'set');
  mkdirSync(join(folder, 'deep'), { recursive: true });
  for (const name of NAMES) writeFileSync(join(folder, name), bytesOf(fixture(name)));
  writeFileSync(join(folder, 'deep', 'a.png'), bytesOf(fixture('smooth-rgb8-32x32.png')));
  writeFileSync(join(folder, 'notes.txt'), 'no image');
  return folder;
}

async function packedFolder(): Promise<{ folder: string; archive: string }> {
  const folder = imageFolder();
  const archive = join(dirname(folder), 'out.vdmza');
  expect(await run(['pack', folder, '-o', archive, ...CODING])).toMatchObject({ code: 0, stderr: '' });
  return { folder, archive };
}

it('packs a folder, lists it and unpacks it', async () => {
  const folder = imageFolder();
  const archive = join(dirname(folder), 'out.vdmza');
  const packed = await run(['pack', folder, '-o', archive, ...CODING]);
  expect(packed).toMatchObject({ code: 0, stderr: '' });
  expect(packed.stdout).toMatch(
    /out\.vdmza: 4 images, [\d,]+ bytes -> [\d,]+ bytes \([\d.]+ %\), [\d.]+ s, 2 restored byte for byte\n$/,
  );

  const list = await run(['list', archive]);
  expect(list).toMatchObject({ code: 0, stderr: '' });
  expect(list.stdout).toContain('deep/a.png: 32 x 32, RGB, ');
  expect(list.stdout).toMatch(/\n4 images\n$/);

  const unpacked = await run(['unpack', archive, ...TINY]);
  expect(unpacked).toMatchObject({ code: 0, stderr: '' });
  expect(unpacked.stdout).toMatch(/out\.vdmza -> .*out: 4 images, [\d,]+ bytes, [\d.]+ s\n$/);
  const output = join(dirname(folder), 'out');
  for (const name of [...NAMES, 'deep/a.png']) {
    expect(await readImage(bytesOf(join(output, name)))).toEqual(await readImage(bytesOf(join(folder, name))));
  }
});

it('unpacks some of it, and only tests it where asked to', async () => {
  const { archive } = await packedFolder();
  const output = temporaryFolder();
  expect(await run(['unpack', archive, 'deep/', NAMES[0]!, '-o', output, '-q', ...TINY])).toMatchObject({ code: 0 });
  expect(readdirSync(output, { recursive: true }).sort()).toEqual(['deep', 'deep/a.png', NAMES[0]]);
  const missing = await run(['unpack', archive, 'nothing', '-o', output, ...TINY]);
  expect(missing).toMatchObject({ code: 2, stderr: `vdmz: ${archive}: usage: there is no nothing in it\n` });
  const tested = await run(['unpack', '-t', archive, '--json', ...TINY]);
  expect(JSON.parse(tested.stdout)).toMatchObject({ input: archive, images: 4, failed: 0 });
  expect(existsSync(archive.replace('.vdmza', ''))).toBe(false);
});

it('is verified like other files', async () => {
  const { archive } = await packedFolder();
  const ok = await run(['verify', '-r', dirname(archive), ...TINY]);
  expect(ok).toMatchObject({ code: 0, stderr: '' });
  expect(ok.stdout).toMatch(/out\.vdmza: ok, 4 images, [\d,]+ bytes, [\d.]+ s\n$/);
  const damaged = bytesOf(archive);
  damaged[damaged.length - 60]! ^= 0x40;
  writeFileSync(archive, damaged);
  expect(await run(['verify', archive, ...TINY])).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^vdmz: .*vdmza/),
  });
});

it('replaces nothing unless told to', async () => {
  const { folder, archive } = await packedFolder();
  expect((await run(['pack', folder, '-o', archive, ...CODING])).code).toBe(4);
  expect((await run(['pack', folder, '-o', archive, '-f', '-q', ...CODING])).code).toBe(0);
  const output = temporaryFolder();
  writeFileSync(join(output, NAMES[0]!), 'mine');
  const unpacked = await run(['unpack', archive, '-o', output, ...TINY]);
  expect(unpacked.code).toBe(4);
  expect(unpacked.stderr).toMatch(/^vdmz: .*gradient-rgb8-17x5\.png: EEXIST: [^\n]+\n$/);
  expect(String(bytesOf(join(output, NAMES[0]!)))).toBe(String(new TextEncoder().encode('mine')));
  expect(existsSync(join(output, 'deep/a.png'))).toBe(true);
});

it('leaves out files that are no images and says so', async () => {
  const folder = imageFolder();
  writeFileSync(join(folder, 'bad.png'), bytesOf(fixture(NAMES[0]!)).subarray(0, 60));
  const archive = join(dirname(folder), 'out.vdmza');
  const { code, stdout, stderr } = await run(['pack', folder, '-o', archive, ...CODING]);
  expect(code).toBe(3);
  expect(stderr).toMatch(/^vdmz: .*bad\.png: truncated: [^\n]+\n$/);
  expect(stdout).toContain('4 images');
  expect((await run(['list', archive])).stdout).toMatch(/\n4 images\n$/);
});

it('writes no archive where no image is left', async () => {
  const bad = temporaryFile('bad.png', bytesOf(fixture(NAMES[0]!)).subarray(0, 60));
  const archive = join(dirname(bad), 'out.vdmza');
  const { code, stderr } = await run(['pack', bad, '-o', archive, ...CODING]);
  expect(code).toBe(3);
  expect(stderr).toMatch(/^vdmz: .*bad\.png: truncated: [^\n]+\n$/);
  expect(readdirSync(dirname(bad))).toEqual(['bad.png']);
});

it('gives JPEG and other images the names of PNG files, and refuses two of one name', async () => {
  const folder = temporaryFolder();
  const { default: sharp } = await import('sharp');
  await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).toFile(join(folder, 'a.jpg'));
  const archive = join(folder, 'out.vdmza');
  expect((await run(['pack', join(folder, 'a.jpg'), '-o', archive, ...CODING])).code).toBe(0);
  expect((await run(['list', archive, '--json'])).stdout).toContain('"name":"a.png"');
  writeFileSync(join(folder, 'a.png'), bytesOf(fixture(NAMES[0]!)));
  const both = await run(['pack', folder, '-o', archive, '-f', ...CODING]);
  expect(both).toMatchObject({ code: 2, stderr: expect.stringMatching(/a\.jpg and .*a\.png would both be a\.png\n$/) });
});

it('leaves out a file whose name no archive can hold', async () => {
  const folder = imageFolder();
  writeFileSync(join(folder, 'a\\b.png'), bytesOf(fixture(NAMES[0]!)));
  const archive = join(dirname(folder), 'out.vdmza');
  const { code, stdout, stderr } = await run(['pack', folder, '-o', archive, ...CODING]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/a\\b\.png: usage: its name has a backslash/),
  });
  expect(stdout).toContain('4 images');
});

it('unpacks names that begin with dots, and none through links', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '..a.png'), bytesOf(fixture(NAMES[0]!)));
  const archive = join(folder, 'out.vdmza');
  expect(await run(['pack', join(folder, '..a.png'), '-o', archive, ...CODING])).toMatchObject({ code: 0 });
  expect(await run(['unpack', archive, './..a.png', ...TINY])).toMatchObject({ code: 0, stderr: '' });
  const victim = temporaryFile('victim', 'mine');
  const output = temporaryFolder();
  symlinkSync(victim, join(output, '..a.png'));
  const { code, stderr } = await run(['unpack', archive, '-f', '-o', output, ...TINY]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('leads out of the folder') });
  expect(Buffer.from(bytesOf(victim)).toString()).toBe('mine');
});

it('reads standard input, and does not guess where to write it', async () => {
  const { archive } = await packedFolder();
  const stdin = bytesOf(archive);
  expect((await run(['list', '-'], { stdin })).stdout).toMatch(/\n4 images\n$/);
  expect(await run(['unpack', '-', ...TINY], { stdin })).toMatchObject({ code: 2 });
  const output = temporaryFolder();
  expect(await run(['unpack', '-', '-o', output, '-q', ...TINY], { stdin })).toMatchObject({ code: 0 });
  expect(readdirSync(output)).toContain(NAMES[0]);
});

it('refuses to unpack to a file', async () => {
  const { archive } = await packedFolder();
  expect(await run(['unpack', archive, '-o', archive, ...TINY])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is no folder; use --output'),
  });
});

it('names images of several folders by their folders too', async () => {
  const [one, other] = [imageFolder(), join(temporaryFolder(), 'other')];
  mkdirSync(other);
  writeFileSync(join(other, NAMES[0]!), bytesOf(fixture(NAMES[0]!)));
  const archive = join(dirname(one), 'out.vdmza');
  expect(await run(['pack', one, `${other}/`, '-o', archive, ...CODING])).toMatchObject({ code: 0, stderr: '' });
  const { stdout } = await run(['list', archive]);
  for (const name of [`set/${NAMES[0]}`, 'set/deep/a.png', `other/${NAMES[0]}`]) expect(stdout).toContain(`${name}: `);
});

it('goes to standard output', async () => {
  const { stdoutBytes, stderr } = await run(['pack', fixture(NAMES[0]!), '-o', '-', ...CODING]);
  expect(stderr).toContain('standard output: 1 image');
  const names: string[] = [];
  for await (const { name } of listArchive(sourceOfBytes(stdoutBytes))) names.push(name);
  expect(names).toEqual([NAMES[0]]);
});

it('tells of damage and gives the rest', async () => {
  const { archive } = await packedFolder();
  const whole = bytesOf(archive);
  writeFileSync(archive, whole.subarray(0, -3));
  for (const command of [
    ['list', archive],
    ['unpack', archive, ...TINY],
  ]) {
    const { code, stdout, stderr } = await run(command);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^vdmz: .*out\.vdmza: truncated: [^\n]+\n$/);
    expect(stdout).toContain('4 images');
  }
  writeFileSync(archive, 'something else');
  expect(await run(['unpack', archive])).toMatchObject({ code: 3, stderr: expect.stringContaining('not-our-format') });
  expect(await run(['list', join(dirname(archive), 'none')])).toMatchObject({ code: 4 });
});
