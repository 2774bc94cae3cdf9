/**
 * What a model's outputs stand for, as its model.json may say: with y = u + n eps and sd the standard deviation of u, the mean of u is
 * skip y + gain F (src/train/prediction.ts), and tau is its deviation at G = 0.
 *
 * IEEE + - * / and square roots alone: heads are made of it.
 */

/** Of each coefficient in each class. */
export interface HeadTerm {
  readonly skip: number;
  readonly gain: number;
  readonly tau: number;
}

export const HEAD_FORMS = {
  /** 'v' is the form of models whose model.json says nothing. */
  prediction: ['v', 'eps', 'x'],
  /** 'predicted': a step's variance counts the error of the mean, tau. 'beta-tilde': it does not. 'interpolated': G is the way from beta-tilde to beta. */
  stepVariance: ['predicted', 'beta-tilde', 'interpolated'],
} as const;

export type HeadForm = { readonly [Field in keyof typeof HEAD_FORMS]: (typeof HEAD_FORMS)[Field][number] };

export const DEFAULT_FORM: HeadForm = { prediction: 'v', stepVariance: 'predicted' };

export const length = (a: number, b: number): number => Math.sqrt(a * a + b * b);

/** Of u given a latent with noise n. */
export const POSTERIORS: Readonly<Record<HeadForm['prediction'], (sd: number, n: number) => HeadTerm>> = {
  v: (sd, n) => {
    const gain = (n * sd) / length(sd, n);
    return { skip: (sd * sd) / (sd * sd + n * n), gain, tau: gain };
  },
  eps: (_, n) => ({ skip: 1, gain: -n, tau: n }),
  x: (sd) => ({ skip: 0, gain: sd, tau: sd }),
};

/** The fields of a model.json over the defaults. @throws RangeError naming a field that has no such value */
export function headFormOf(fields: Partial<Record<keyof HeadForm, unknown>>): HeadForm {
  const form = { prediction: fields.prediction ?? 'v', stepVariance: fields.stepVariance ?? 'predicted' };
  for (const [name, values] of Object.entries(HEAD_FORMS)) {
    const value = form[name as keyof HeadForm];
    if ((values as readonly unknown[]).includes(value)) continue;
    throw new RangeError(`"${name}" must be one of ${values.join(', ')}, found ${JSON.stringify(value)}`);
  }
  return form as HeadForm;
}
