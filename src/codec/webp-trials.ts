/** The encoder's choice among WebP payloads: the colours alone beside their alpha section, or both in one. */
import { hasAlpha, type Image8, isSameImage } from '../image/image.ts';
import { sectionOfForm } from './alpha.ts';
import { repeatShare } from './repeats.ts';
import {
  COLOURS_ALONE,
  decodeWebpPayload,
  encodeWebpPayload,
  estimateWebp,
  formWithAlpha,
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
  for (const form of formsOf(high, alpha)) {
    const estimate = await estimateWebp(high, form);
    if (estimate !== undefined) trials.push({ form, alpha: sectionOfForm(form) ?? alpha, estimate });
  }
  return trials;
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
  const keep = async (form: WebpForm, alpha: Uint8Array, payload: Uint8Array | undefined) => {
    if (payload !== undefined && (await isExact(high, form, payload))) coded.push({ alpha, payload });
  };
  const least = Math.min(...trials.map(({ estimate, alpha }) => estimate.bytes + alpha.length));
  for (const { form, alpha, estimate } of trials) {
    await keep(form, alpha, estimate.payload);
    if (leastWebpBytes(estimate.bytes, high, isHurried) + alpha.length > least) continue;
    await keep(form, alpha, await encodeWebpPayload(high, isHurried, form));
  }
  return coded;
}

/** True where no colour was changed below an alpha of 0, which the payload of colours alone has not. */
async function isExact(high: Image8, form: WebpForm, payload: Uint8Array): Promise<boolean> {
  return form === COLOURS_ALONE || isSameImage(await decodeWebpPayload(high, payload, form), high);
}
