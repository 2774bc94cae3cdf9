/** The scripts of `vdmz completion`, run by the shells themselves where they are installed. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf, run, temporaryFile } from './run-main.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const scriptOf = async (shell: Shell): Promise<string> => (await run(['completion', shell])).stdout;

const isInstalled = (shell: Shell): boolean => {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const shellText = (shell: Shell, ...argv: string[]): string => execFileSync(shell, argv, { encoding: 'utf8' });

/** [line, up to the cursor; what is offered, sorted; empty where files are] */
const LINES: readonly [string, string][] = [
  ['vdmz com', 'completion compress'],
  ['vdmz v', 'verify'],
  ['vdmz compress --eff', '--effort'],
  ['vdmz compress --no', '--no-verify'],
  ['vdmz compress --effort ', '1 2 3 4'],
  ['vdmz compress photo.png --method d', 'diffusion'],
  ['vdmz decompress --engine ', 'reference tfjs wasm'],
  ['vdmz test --json --rec', '--recursive'],
  ['vdmz preview --scale ', '1/16 1/2 1/32 1/4 1/8'],
  ['vdmz train --objective ', 'details hybrid simple vlb'],
  ['vdmz completion ', 'bash fish zsh'],
  ['vdmz help co', 'completion compress'],
  ['vdmz help te', 'test'],
  ['vdmz compress --threads ', ''],
];

const sorted = (words: string): string => words.split(/\s+/).filter(Boolean).sort().join(' ');

describe.skipIf(!isInstalled('bash'))('bash', () => {
  /** COMPREPLY for the words of a line; what is typed last may be empty. */
  function replies(script: string, words: readonly string[]): string {
    const setUp = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
    return shellText('bash', '--norc', '-c', `${script}\n${setUp}; _vdmz; echo "\${COMPREPLY[@]}"`);
  }

  it.each([...LINES, ['vdmz compress ', ''], ['vdmz compress -o ', ''], ['vdmz export --run ', '']])(
    '%s',
    async (line, offered) => {
      expect(sorted(replies(await scriptOf('bash'), line.split(' ')))).toBe(offered);
    },
  );

  it('takes --option=value as the three words that bash makes of it', async () => {
    const script = await scriptOf('bash');
    expect(sorted(replies(script, ['vdmz', 'eval', '--steps', '=', '1']))).toBe('16');
    expect(sorted(replies(script, ['vdmz', 'eval', '--steps', '=']))).toBe('16 2 4 8');
  });

  it('leaves files to readline', async () => {
    const script = await scriptOf('bash');
    expect(shellText('bash', '--norc', '-c', `${script}\ncomplete -p vdmz`)).toBe(
      'complete -o bashdefault -o default -F _vdmz vdmz\n',
    );
  });
});

describe.skipIf(!isInstalled('fish'))('fish', () => {
  it.each(LINES)('%s', async (line, offered) => {
    const path = temporaryFile('vdmz.fish', await scriptOf('fish'));
    const out = shellText('fish', '--no-config', '-c', `source ${path}; complete -C '${line}'`);
    expect(sorted(out.replaceAll(/\t.*/g, ''))).toBe(offered);
  });

  it('offers files', async () => {
    const path = temporaryFile('vdmz.fish', await scriptOf('fish'));
    for (const line of ['vdmz compress READ', 'vdmz compress -o READ', 'vdmz export --run READ']) {
      expect(shellText('fish', '--no-config', '-c', `source ${path}; complete -C '${line}'`).trim()).toBe('README.md');
    }
  });
});

describe.skipIf(!isInstalled('zsh'))('zsh', () => {
  /** Completes a line in a shell of its own, in which compadd prints what it is given. */
  async function offered(line: string): Promise<string> {
    const path = temporaryFile('completion.zsh', await scriptOf('zsh'));
    return shellText('zsh', '-f', join('test', 'helpers', 'zsh-complete.zsh'), path, line);
  }

  it.each(LINES)('%s', async (line, words) => {
    expect(sorted(await offered(line))).toBe(words);
  });

  it('offers files', async () => {
    for (const line of ['vdmz compress READ', 'vdmz compress -o READ', 'vdmz export --run READ']) {
      expect(sorted(await offered(line))).toBe('README.md');
    }
  });
});

it('refuses other shells', async () => {
  const result = await run(['completion', 'tcsh']);
  expect(result.stderr).toMatch(/^vdmz: usage: [^\n]*Allowed choices are bash, zsh, fish\.\n$/);
  expect(result.code).toBe(2);
});

it('is as README.md says', async () => {
  expect(Buffer.from(bytesOf('README.md')).toString()).toContain('vdmz completion bash|zsh|fish');
  for (const shell of SHELLS) expect((await scriptOf(shell)).split('\n').join('')).not.toMatch(/undefined|\[object/);
});
