/** vdmz info: what .vdmz files say about themselves, without their models. */
import type { Command } from 'commander';
import { readBandsOf, startOfAbsorbing } from '../container/absorbing-payload.ts';
import { decodeFileStart, encodeHeader, type Header } from '../container/header.ts';
import { readRestored } from '../container/original.ts';
import { BANDED_STEPS, isAbsorbingPayload, isKept } from '../container/payload-kind.ts';
import { CodecError } from '../errors.ts';
import { addRecursiveOption } from './arguments.ts';
import { runBatch } from './batch.ts';
import { about } from './exit-codes.ts';
import { VDMZ_FILE } from './extensions.ts';
import type { FileCommand, FileReport, Job, JobContext } from './file-command.ts';
import { inputName, readInput } from './files.ts';
import type { Io } from './io.ts';
import { planReading } from './jobs.ts';
import { installedName } from './models.ts';
import { bitsPerDimOf, bytesText, hexText, kindName, methodOf, rounded, sizeText } from './report.ts';

interface InfoArguments {
  readonly json?: boolean;
  readonly recursive?: boolean;
  readonly debug?: boolean;
}

export function addInfoCommand(program: Command, io: Io): Command {
  const command = program
    .command('info')
    .description('describe .vdmz files; needs no model')
    .argument('<in...>', 'compressed files, folders with --recursive, or - for standard input')
    .option('--json', 'print one line of JSON for each file');
  return addRecursiveOption(command).action(async (names: string[], options: InfoArguments) =>
    runBatch(INFO, await planReading(names, options, VDMZ_FILE), options, io),
  );
}

export const INFO: FileCommand<InfoArguments> = {
  name: 'info',
  layout: 'blocks',
  open: () => Promise.resolve(describeFile),
};

async function describeFile({ input }: Job, { io }: JobContext): Promise<FileReport> {
  const bytes = await readInput(input, io);
  const info = await about(inputName(input), () => describe(bytes));
  return { data: { input, ...info }, line: lines(inputName(input), info) };
}

const NO_MODEL = { model: null, modelId: null };

type Info = Awaited<ReturnType<typeof describe>>;

async function describe(bytes: Uint8Array) {
  const { header, rest } = decodeFileStart(bytes);
  const { height, width, channels, bitDepth, numSteps, modelId, version } = header;
  // A header has one encoding only, so this is the length that it has in the file.
  const headerBytes = encodeHeader(header).length;
  const parts = absorbingParts(header, rest);
  return {
    version,
    height,
    width,
    channels,
    bitDepth,
    kind: kindName(header),
    method: methodOf(header),
    restored: readRestored(bytes),
    ...(isKept(header) ? NO_MODEL : { model: (await installedName(modelId)) ?? null, modelId: hexText(modelId) }),
    steps: isKept(header) || isAbsorbingPayload(header) ? null : numSteps,
    inBands: parts.inBands,
    preview: parts.preview,
    checksum: hexText(header.checksum),
    bytes: bytes.length,
    headerBytes,
    alphaBytes: header.alphaLength,
    lowBytes: header.lowLength,
    originalBytes: header.originalLength,
    codedBytes: bytes.length - headerBytes - header.alphaLength - header.lowLength - header.originalLength,
    bitsPerDim: rounded(bitsPerDimOf(bytes.length, header)),
  };
}

/** Of a payload of absorbing diffusion, which may be cut off: whether it has several bands, and its small image. */
function absorbingParts(header: Header, payload: Uint8Array) {
  const start = isAbsorbingPayload(header) ? ifThere(() => startOfAbsorbing(header, payload)) : undefined;
  const bands = start && ifThere(() => readBandsOf(header, start.bands));
  const small = start?.small;
  return {
    inBands: bands === undefined ? header.numSteps === BANDED_STEPS : bands.count > 1,
    preview: small === undefined ? null : { scale: 1 / 2 ** small.level, bytes: small.length },
  };
}

/** Undefined where a file ends before it. */
function ifThere<Part>(read: () => Part): Part | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodecError && error.code === 'truncated') return undefined;
    throw error;
  }
}

function lines(name: string, info: Info): string {
  const { version, method, checksum, bytes, restored } = info;
  const rows = [
    ['file', `${name}, format version ${version}`],
    ['image', `${sizeText(info)}, ${info.kind}${info.bitDepth === 16 ? ', 16 bits a sample' : ''}`],
    ...methodLines(method, info),
    ...(info.preview === null ? [] : [['preview', `1/${1 / info.preview.scale}, ${bytesText(info.preview.bytes)}`]]),
    ['restored', restored],
    ['checksum', checksum],
    ['size', `${bytesText(bytes)}, ${info.bitsPerDim.toFixed(3)} bits/dim`],
    ['parts', partsText(info)],
  ];
  return rows.map(([label, text]) => `${label!.padEnd(10)}${text}`).join('\n');
}

const partsText = ({ bitDepth, headerBytes, alphaBytes, lowBytes, originalBytes, codedBytes }: Info): string => {
  const low = bitDepth === 16 ? `, low bits ${lowBytes}` : '';
  return `header ${headerBytes}, alpha ${alphaBytes}${low}, original ${originalBytes}, coded image ${codedBytes}`;
};

const METHOD_TEXTS = {
  PNG: 'PNG',
  WebP: 'lossless WebP, as for drawings and screenshots',
  original: 'the original PNG file itself',
  samples: 'samples as they are, as for noise',
} as const;

function methodLines(method: Info['method'], { model, modelId, steps, inBands }: Info) {
  if (method !== 'diffusion' && method !== 'absorbing diffusion') return [['method', METHOD_TEXTS[method]]];
  const absorbing = `absorbing diffusion, pixel by pixel${inBands ? ' in bands' : ''}`;
  return [
    ['method', method === 'diffusion' ? `diffusion in ${steps} steps` : absorbing],
    ['model', `${model ?? 'not installed'} (${modelId})`],
  ];
}
