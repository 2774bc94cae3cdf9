/** Methods that a training run may choose from, by their names in its config and on the command line. */

/** The learned network, or a fixed shape; with 'straight', the end points alone are learned. */
export const SCHEDULES = ['learned', 'straight', 'linear', 'cosine'] as const;
export type ScheduleKind = (typeof SCHEDULES)[number];

/**
 * 'vlb': the bound itself (VDM). 'simple': the squared error of the noise, each level counting the same (DDPM,
 * arXiv:2006.11239, equation 14), which leaves the variances alone. 'hybrid': that, and a little of the bound for the
 * variances, whose gradient does not reach the means (Improved DDPM, arXiv:2102.09672, equation 16). 'details': the cost of
 * details without latents, pass by pass (src/train/details-loss.ts).
 */
export const OBJECTIVES = ['vlb', 'simple', 'hybrid', 'details'] as const;
export type Objective = (typeof OBJECTIVES)[number];

/**
 * Of reverse steps. 'learned': what the network says of its error. 'fixed': with an error as large as the network's gain, for 'v'
 * DDPM's beta. 'beta-tilde': DDPM's lower choice, as if there were no error. 'interpolated': between the two of DDPM, where the network
 * says (Improved DDPM). See src/train/step-variance.ts.
 */
export const VARIANCES = ['learned', 'fixed', 'beta-tilde', 'interpolated'] as const;
export type Variance = (typeof VARIANCES)[number];

/**
 * 'v': F = -v, v = alpha eps - sigma u / sd (Salimans and Ho, arXiv:2202.00512, section 4), the default.
 * 'eps': F = eps, the noise (DDPM, VDM). 'x': F = u / sd, the data.
 */
export const PREDICTIONS = ['v', 'eps', 'x'] as const;
export type Prediction = (typeof PREDICTIONS)[number];

/**
 * Of diffusion steps. 'discrete': those of a chain of T. 'continuous': infinitely many, whose bound is an expectation over t, and for
 * which a learned schedule has its ends from the bound and the curve between them from the variance of its estimate (VDM,
 * arXiv:2107.00630, section 5).
 */
export const TIMES = ['discrete', 'continuous'] as const;
export type Time = (typeof TIMES)[number];

/**
 * 'low-discrepancy': times spread evenly over the batch (VDM, arXiv:2107.00630, appendix I.1); 'uniform': each by itself;
 * 'importance': terms with large second moments of their loss more often (Improved DDPM, arXiv:2102.09672, section 3.3).
 */
export const TIME_SAMPLERS = ['low-discrepancy', 'uniform', 'importance'] as const;
export type TimeSampler = (typeof TIME_SAMPLERS)[number];

/** What a run of Gaussian diffusion learns, and how: fields of its config that stay as they are to its end. */
export interface Methods {
  readonly schedule: ScheduleKind;
  readonly objective: Objective;
  readonly prediction: Prediction;
  readonly variance: Variance;
  readonly time: Time;
  readonly timeSampler: TimeSampler;
}

export const METHOD_CHOICES: { readonly [Field in keyof Methods]: readonly Methods[Field][] } = {
  schedule: SCHEDULES,
  objective: OBJECTIVES,
  prediction: PREDICTIONS,
  variance: VARIANCES,
  time: TIMES,
  timeSampler: TIME_SAMPLERS,
};

export const METHOD_FIELDS = Object.keys(METHOD_CHOICES) as readonly (keyof Methods)[];
