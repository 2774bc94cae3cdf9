/** Figures of `vdmz eval`: reports in bits to bits per dim, sums, means and a table. */
import type { ImageReport } from '../evaluate.ts';
import { rounded, tableLine } from './report.ts';

/** Sizes in bits per dim. */
export interface Rates {
  readonly prior: number;
  readonly steps: number;
  readonly recon: number;
  readonly base: number;
  /** prior + steps + recon + base */
  readonly vlb: number;
  /** The chain on a stack that has bits already. */
  readonly net: number;
  /** net and the price of starting with an empty stack. */
  readonly gross: number;
  /** The whole file, container and alpha included. */
  readonly file: number;
}

export interface EvalRow extends Rates {
  readonly name: string;
  readonly model: string;
  /** Index 0 is the step from y_1 to y_0. */
  readonly stepRates: readonly number[];
  /** Bits of the chain over their information content by the integer CDFs, less 1. */
  readonly overhead: number;
  readonly dims: number;
  readonly fileBytes: number;
  readonly exact: boolean;
  readonly encodeSeconds: number;
  readonly decodeSeconds: number;
}

export function rowOf(name: string, report: ImageReport): EvalRow {
  const { dims, lossPrior, lossRecon, lossSteps, baseBits, vlbBits, netBits, fileBits, headerBits } = report;
  const rate = (bits: number): number => rounded(bits / dims);
  return {
    name,
    model: report.model,
    dims,
    fileBytes: fileBits / 8,
    prior: rate(lossPrior),
    steps: rate(sum(lossSteps)),
    recon: rate(lossRecon),
    base: rate(baseBits),
    vlb: rate(vlbBits),
    net: rate(netBits),
    gross: rate(fileBits - headerBits),
    file: rate(fileBits),
    stepRates: lossSteps.map(rate),
    overhead: rounded(netBits / report.codedBits - 1, 9),
    exact: report.exact,
    encodeSeconds: rounded(report.encodeSeconds, 3),
    decodeSeconds: rounded(report.decodeSeconds, 3),
  };
}

/** All images as if they were one: sums of bits over the sum of dims. */
export const totalOf = (reports: readonly ImageReport[]): EvalRow => rowOf('total', reports.reduce(add));

function add(a: ImageReport, b: ImageReport): ImageReport {
  const lossSteps = Array.from(
    { length: Math.max(a.lossSteps.length, b.lossSteps.length) },
    (_, i) => (a.lossSteps[i] ?? 0) + (b.lossSteps[i] ?? 0),
  );
  return {
    dims: a.dims + b.dims,
    model: a.model === b.model ? a.model : 'several',
    fileBits: a.fileBits + b.fileBits,
    headerBits: a.headerBits + b.headerBits,
    netBits: a.netBits + b.netBits,
    vlbBits: a.vlbBits + b.vlbBits,
    lossPrior: a.lossPrior + b.lossPrior,
    lossRecon: a.lossRecon + b.lossRecon,
    lossSteps,
    baseBits: a.baseBits + b.baseBits,
    directBits: a.directBits + b.directBits,
    initialBits: a.initialBits + b.initialBits,
    codedBits: a.codedBits + b.codedBits,
    exact: a.exact && b.exact,
    encodeSeconds: a.encodeSeconds + b.encodeSeconds,
    decodeSeconds: a.decodeSeconds + b.decodeSeconds,
  };
}

const RATE_COLUMNS = ['prior', 'steps', 'recon', 'base', 'vlb', 'net', 'gross', 'file'] as const;
const HEADINGS = [
  'image',
  'prior',
  'steps',
  'L0',
  'base',
  'VLB',
  'net',
  'gross',
  'file',
  'overhead',
  'exact',
  'enc s',
  'dec s',
];
const NUMBER_WIDTH = 8;
/** Room for '-12.3456 %'. */
const OVERHEAD_WIDTH = 10;
const OVERHEAD_COLUMN = HEADINGS.indexOf('overhead');

/** The mean over the images of each rate: what published tables of small images state. */
export const meanOf = (rows: readonly EvalRow[]): Rates =>
  Object.fromEntries(
    RATE_COLUMNS.map((key) => [key, rounded(sum(rows.map((row) => row[key])) / rows.length)]),
  ) as unknown as Rates;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Lines of a table whose widths are known before its rows are. */
export class EvalTable {
  private readonly widths: readonly number[];

  constructor(names: readonly string[]) {
    const nameWidth = names.reduce((width, name) => Math.max(width, name.length), 'total'.length);
    const numberWidths = HEADINGS.slice(1).map((_, i) => (i + 1 === OVERHEAD_COLUMN ? OVERHEAD_WIDTH : NUMBER_WIDTH));
    this.widths = [nameWidth, ...numberWidths];
  }

  heading(): string {
    return tableLine(HEADINGS, this.widths);
  }

  row(row: EvalRow): string {
    const { overhead, exact, encodeSeconds, decodeSeconds } = row;
    const rest = [
      `${(100 * overhead).toFixed(4)} %`,
      exact ? 'yes' : 'NO',
      ...[encodeSeconds, decodeSeconds].map(short),
    ];
    return tableLine([row.name, ...rateCells(row), ...rest], this.widths);
  }

  mean(rates: Rates): string {
    return tableLine(['mean', ...rateCells(rates)], this.widths.slice(0, OVERHEAD_COLUMN));
  }
}

const rateCells = (rates: Rates): string[] => RATE_COLUMNS.map((key) => rates[key].toFixed(4));
const short = (seconds: number): string => seconds.toFixed(2);
