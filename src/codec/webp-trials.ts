/** The encoder's choice among WebP payloads: the colours alone beside their alpha section, or both in one. */
import { hasAlpha, type Image8 } from '../image/image.ts';
import { sectionOfForm } from './alpha.ts';
import { repeatShare } from './repeats.ts';
import {
  COLOURS_ALONE,
  encodeWebpPayload,
  estimateWebp,
  formWithAlpha,
  isDrawn,
  isSampled,
  leastWebpBytes,
  type WebpEstimate,
  type WebpForm,
} from './webp-payload.ts';

interface Pixels {
  readonly high: Image8;
  /** The alpha section, empty for images without alpha. */
  readonly alpha: Uint8Array;
}

/** A form that was tried in a hurry. */
export interface WebpTrial {
  readonly form: WebpForm;
  /** The alpha section that goes with it. */
  readonly alpha: Uint8Array;
  readonly estimate: WebpEstimate;
}

/** A payload and the alpha section that goes with it. */
type WebpCoded = Pick<WebpTrial, 'alpha'> & { readonly payload: Uint8Array };

/** Tries all forms, that of the colours alone first; none where there is no WebP. */
export async function tryWebp({ high, alpha }: Pixels): Promise<WebpTrial[]> {
  const trials: WebpTrial[] = [];
  const forms = formsOf(high, alpha);
  for (const form of forms) {
    const estimate = await (forms.length > 1 ? comparableEstimate(high, form) : estimateWebp(high, form));
    if (estimate !== undefined) trials.push({ form, alpha: sectionOfForm(form, high) ?? alpha, estimate });
  }
  return trials;
}

/** Of what is drawn a quick try may take five times as much as a fair one, of one form and not of the other. */
async function comparableEstimate(high: Image8, form: WebpForm): Promise<WebpEstimate | undefined> {
  const quick = await estimateWebp(high, form);
  if (quick === undefined || !isDrawn(high, quick.bytes)) return quick;
  const fair = await estimateWebp(high, form, 'fair');
  return fair !== undefined && fair.bytes < quick.bytes ? fair : quick;
}

/** Bytes of a section that takes no more than saying so in the payload would. */
const MAX_TRIVIAL_ALPHA = 2;

function formsOf(high: Image8, alpha: Uint8Array): WebpForm[] {
  const isTrivial = !hasAlpha(high.channels) || alpha.length <= MAX_TRIVIAL_ALPHA;
  return isTrivial ? [COLOURS_ALONE] : [COLOURS_ALONE, formWithAlpha(high)];
}

/** The least that payload and alpha section may take. */
export function leastBytes({ high }: Pixels, trials: readonly WebpTrial[], isHurried: boolean): number {
  const share = isSampled(high) ? 1 - repeatShare(high) : 1;
  return Math.min(
    ...trials.map(({ estimate, alpha }) => share * leastWebpBytes(estimate.bytes, high, isHurried) + alpha.length),
  );
}

/** The payloads that were tried, where they are whole, and better ones of the forms that may be smallest. */
export async function encodeTrials(
  { high }: Pixels,
  trials: readonly WebpTrial[],
  isHurried: boolean,
): Promise<WebpCoded[]> {
  const coded: WebpCoded[] = [];
  const keep = (alpha: Uint8Array, payload: Uint8Array | undefined) => {
    if (payload !== undefined) coded.push({ alpha, payload });
  };
  const least = Math.min(...trials.map(({ estimate, alpha }) => estimate.bytes + alpha.length));
  for (const { form, alpha, estimate } of trials) {
    keep(alpha, estimate.payload);
    if (leastWebpBytes(estimate.bytes, high, isHurried) + alpha.length > least) continue;
    keep(alpha, await encodeWebpPayload(high, isHurried, form));
  }
  return coded;
}
