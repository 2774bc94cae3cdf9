/** What a run measures, summed since the last line of the log; plain data that a checkpoint can hold. */
export type Values = Record<'total' | 'recon' | 'diffusion' | 'prior' | 'direct' | 'norm', number>;

export interface Meter {
  readonly sums: Values;
  readonly count: number;
}

export const EMPTY_METER: Meter = {
  sums: { total: 0, recon: 0, diffusion: 0, prior: 0, direct: 0, norm: 0 },
  count: 0,
};

export function addToMeter({ sums, count }: Meter, values: Values): Meter {
  return { sums: mapValues(sums, (sum, key) => sum + values[key]), count: count + 1 };
}

export const meterMeans = ({ sums, count }: Meter): Values => mapValues(sums, (sum) => sum / Math.max(1, count));

/** The bound in bits per coefficient. */
export const vlbOf = ({ recon, diffusion, prior }: Values): number => recon + diffusion + prior;

function mapValues(values: Values, map: (value: number, key: keyof Values) => number): Values {
  const entries = Object.entries(values) as [keyof Values, number][];
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value, key)])) as Values;
}
